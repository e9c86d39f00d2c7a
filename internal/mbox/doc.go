// Package mbox exports accounts to mbox files, and imports them.
//
// # What is written
//
// One file for each mailbox, mboxrd: each message begins with a line "From MAILER-DAEMON DATE", with INTERNALDATE in UTC as
// asctime says it, and ends with an empty line. Lines of the message that are "From ", with any number of ">" before it,
// get one more. Line ends are LF, except in messages that would not be the same then. At the beginning of each message
// are three header fields for programs that know them: Status, X-Status and, if there are keywords, X-Keywords. There is no
// Content-Length. "a/b" is the file "a.sbd/b.mbox". What this cannot say is in "a.sbd/b.mbox.jsonl" (see package
// transfer): the octets of each message within the file, how many of them are those header fields, INTERNALDATE with its
// zone, the flags. Until a mailbox is complete, ".part" is appended to the file's name; an export that was interrupted
// goes on behind the last message that is durable.
//
// # What is read
//
// A file, or a directory of files. If beside a file is its file of lines, and the file has the length that those say, they
// are what counts: the octets come back as they were.
//
// Otherwise a message begins with a line "From ", an address and a date. A Content-Length is believed if, so many octets
// behind the header, the file ends or another message begins (mboxcl, mboxcl2); otherwise it is ignored, as is usual: it
// often is wrong. One ">" is taken away from lines of ">From " with any number of ">" (mboxrd; in mboxo and mboxcl, which
// do so only with one ">", that is right for all lines but those that had a ">" of their own). A message with a right
// Content-Length and a line in it that would begin a message has no such quoting (mboxcl2), and is taken as it is. Flags
// come from Status, X-Status, X-Keywords, X-Mozilla-Status and X-Mozilla-Keys, which stay in the message.
package mbox
