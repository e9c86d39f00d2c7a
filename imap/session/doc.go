// Package session is the engine: it speaks IMAP4rev1 (RFC 3501) and IMAP4rev2
// (RFC 9051) to clients and keeps mail in a store.
//
// A Server accepts connections from any number of Listeners and runs a session
// on each of them:
//
//	srv := &session.Server{Store: st, Auth: session.Passwords(check)}
//	err := srv.Serve(session.Listener{Listener: l, TLS: config})
//
// The engine owns everything that IMAP says; the store only persists. What each
// file is about:
//
//   - server.go, listener.go, admit.go, limits.go: accepting, limits, shutdown;
//   - conn.go, link.go, idle.go, literal.go: one connection: reading commands,
//     deadlines, the cheap wait of a client that idles, what becomes of literals;
//   - state.go, dispatch.go, handlers.go, errors.go, respond.go: the states,
//     which handler answers a command, errors to NO and BAD, and the only writer
//     of responses;
//   - auth.go, auth_*.go: who may log in;
//   - hub.go, mailbox*.go, view*.go: what is shared of an account and of an open
//     mailbox, and what one session has been told of it; updates.go: what may be
//     told when; resolver.go: from names to mailboxes;
//   - cmd_<command>.go: one command each, with the files that are called after
//     what it works on (list….go, fetch….go, search….go).
//
// One goroutine serves a connection, and its commands run in order. No lock is
// held while bytes go to the network.
package session
