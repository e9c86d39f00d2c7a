// Package clients tests the server as real mail clients use it: curl, mbsync, Python's imaplib and go-imap's client.
// It is a module of its own, so that the client libraries are no dependency of the server.
//
// Every test starts the built server (the program that IMAPSRV names, or one built for the run) with --demo on free
// loopback ports and compares contents byte for byte with internal/demo/messages or with what it uploaded. A client
// program that is not installed skips its test, except where CI is set: there it fails.
package clients
