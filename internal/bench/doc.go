// Package bench measures what the server costs: it starts the real server, and a bare echo server to compare with, as
// processes of their own, and reads their user and system time and their resident memory from /proc.
//
//	make bench                        all figures
//	make bench BENCH=NOOP             some of them
//	go test -bench . -benchtime 1x ./internal/bench -goals    fail where a goal is missed
//
// Each benchmark decides by itself how much it does; -benchtime 1x runs it once. The figures are those of the server
// alone: ns/op, which includes the client, is left out. Peers' figures on the same class of machine are in the
// comments of the goals.
package bench
