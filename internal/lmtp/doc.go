// Package lmtp takes mail from a mail transfer agent (LMTP, RFC 2033) and delivers it as APPEND does: each recipient
// gets an answer of its own, which is 250 only when the message is durable.
//
// The protocol is a library's, github.com/emersion/go-smtp. Where a message ends is decided here, below the library: at
// CRLF "." CRLF and nowhere else, whatever lone CRs and LFs are in it. Servers that disagree about that can be made to
// take a part of a message for commands (SMTP smuggling).
package lmtp
