// Package bench measures what the server costs: it starts the real server, and a bare echo server to compare with, as
// processes of their own, and reads their user and system time and their resident memory from /proc.
//
//	make bench                        all figures
//	make bench BENCH=NOOP             some of them
//	make bench-store COUNT=3          what the store promises, with the median of three runs
//	make bench-peers                  the same work on Dovecot, side by side
//	go test -bench . -benchtime 1x ./internal/bench -goals    fail where a goal is missed
//
// Each benchmark decides by itself how much it does; -benchtime 1x runs it once. The figures are those of the server
// alone: ns/op, which includes the client, is left out. Peers' figures on the same class of machine are in the
// comments of the goals.
//
// A machine that has other things to do only ever adds to a figure. So where time on the clock is measured it is that
// of the fastest of several rounds, and what depends on the disk is a ratio to a bare loop in the same run, in turns.
// Mail is kept where TMPDIR points: on a file system in memory the figures of APPEND mean nothing.
//
// At the end all goals are printed as a table, each with the median of the runs.
package bench
