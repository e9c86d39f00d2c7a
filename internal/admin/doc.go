// Package admin is what administrators do with a data directory: users, delivery, tunnels, and what else the commands of
// imapsrv need.
//
// One process owns a data directory. A Service works in that process. Other processes reach it through a Unix socket in
// the directory, which only the directory's owner can open: a Client has the same methods. Connect gives whichever it
// takes: the Client when a server answers, and otherwise a Service of its own, under the same lock.
//
// The protocol is HTTP, one POST for each operation, answered with lines of JSON of which the last one says how it
// ended; a tunnel upgrades its connection to IMAP. Both ends are always the same version of the program: it is no
// interface for others.
package admin
