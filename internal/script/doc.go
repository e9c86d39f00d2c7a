// Package script runs IMAP dialogues that are written down as text: what each
// client sends and what the server must answer, over several connections.
//
// A script is a txtar archive. The text before the first file says what the
// script is about; the file "dialogue" is the conversation; the optional file
// "setup" prepares the server; every other file is a message or another
// payload that the two refer to by name. Lines of the archive end with LF;
// payloads are sent with CRLF.
//
// # Setup
//
// One directive a line, words separated by spaces, "…" quoting as in Go. What
// the words mean is up to the Env that runs the script.
//
// # Dialogue
//
// Empty lines and lines that begin with # are comments. Connections are
// numbered and opened when first used; C: and S: mean C1: and S1:.
//
//	C1: a1 NOOP              send the line with CRLF
//	C1 raw: "a1 NOOP\r\n"    send exactly these bytes (a Go string)
//	C1: (do) SELECT INBOX    read the greeting if that is due, send the command
//	                         with a tag of its own, skip what comes, want OK
//	C1: (close)              close the connection
//	C1: (tls)                start TLS as the client
//	S1: * 3 EXISTS           want exactly this response
//	S1: a1 OK …              … stands for any bytes within the response
//	S1~: \* (?P<n>\d+) EXISTS  want a match of the whole response; named groups
//	                         become variables, written ${n} from then on
//	S1: (any order)          the responses up to (end) in any order
//	S1: (skip)               skip untagged responses until the next line matches
//	S1: (none)               want that the server sends nothing now
//	S1: (eof)                want that the server closes the connection
//	wait 29m                 let time pass
//
// A literal is written as it travels: the line ends in {11} and the following
// lines of the same side are the octets, counted with CRLF between lines. When
// it is the content of a file of the archive, write {=name}: the length is
// filled in, the octets follow by themselves, and the next line of that side
// goes on right after them. {=name+} and ~{=name} announce the other kinds, and
// {=name*3} the content three times.
// For a synchronizing literal write the S: line that answers it after the
// announcement; the octets are sent once that line has been read.
//
//	C1: a2 APPEND INBOX {=one.eml}
//	S1: + …
//	C1:
//	S1: a2 OK …
package script
