// Package maildir exports accounts to Maildirs, and imports them.
//
// # What is written
//
// Maildir++: INBOX is the directory itself, "a/b" is ".a.b" in it. Names are in modified UTF-7, where a dot within a level
// is &AC4-. Names that no directory can have are "imapsrv-" and a hash. Lines end in LF, as is usual in Maildirs, except
// in messages that would not be the same then, which are written octet by octet. A file is called
//
//	SECONDS.MxVxUx.imapsrv,S=SIZE,W=SIZE:2,FLAGS
//
// with EMAILID left out, UIDVALIDITY and UID after V and U; S is the size of the file and W that of the message, as Dovecot
// and Courier have it. FLAGS are Maildir's: D (\Draft), F (\Flagged), P ($Forwarded), R (\Answered), S (\Seen), T
// (\Deleted); lower-case letters are keywords, listed in "dovecot-keywords". The file's time is INTERNALDATE. What this
// cannot say is in "imapsrv-messages.jsonl" in each mailbox (see package transfer).
//
// Messages are written to tmp, made durable, and moved to cur, some at a time: each is there completely or not at all,
// and an export that was interrupted goes on behind those that are.
//
// # What is read
//
// Maildir++, and directories within directories (the "fs" layout), also mixed. Line ends become CRLF. Dovecot's keywords,
// order of UIDs and subscriptions are understood, and Courier's subscriptions. INTERNALDATE is the file's time, if no line
// of imapsrv-messages.jsonl says better. Links are not followed.
package maildir
