// Package sqlitestore is a mail store in a directory: SQLite databases for
// what changes, plain files for the octets of messages. It needs nothing
// installed and no C compiler.
//
// # Layout
//
//	lock                              the process that owns the directory
//	server.db                         users, once Store.Users was called
//	accounts/NAME/mail.db             one database for each account
//	accounts/NAME/segments/N.segment  bodies below 64 KiB, one after the other
//	accounts/NAME/bodies/N.body       larger ones, each with its checksums
//	accounts/NAME/user-NAME.json      a copy of the user's line in server.db
//	accounts/NAME/backup.json         marks the copy of an account in a backup, until it is served
//	backup.json                       marks a backup that nobody has served
//
// A mailbox is some rows of packed columns, up to 1,000 messages each, so that
// loading 50,000 messages reads 50 rows. What never changes of a message and
// is shared by its copies (dates, ids, the place and hash of the body, the
// summary) is packed as well, 16 emails to a row. Every packed row and every
// body has a checksum, and every body its SHA-256.
//
// # Transactions
//
// Each account has a writer, which exists while there is something to write.
// It takes all transactions that wait, runs them one after the other, each
// with a savepoint of its own, and makes them durable together: first the
// bodies, then the commit. A few small bodies are part of the commit, in the
// tail, until their segment is synced for many of them. A row is never on the
// disk before what it refers to, so recovery after a crash is: the rows are the
// truth. What the tail has is written to the segment, what a segment has behind
// its end is cut off, files that no row refers to are removed.
//
// Records of mailboxes are in memory, so that LIST, STATUS and NOOP read no
// database. Everything else is read from SQLite; readers wait for at most one
// commit.
//
// # Space
//
// An expunged message leaves its body, which a background transaction removes
// when a grace period is over and no copy is left. A segment that is mostly
// garbage is emptied into the current one. No reader notices: small bodies are
// read and verified when they are opened, and open files survive removal.
//
// # Damage
//
// What cannot be read back as it was written is Corruption for that message or
// account, with a line in the log that names the file. Store.Check reads
// everything and repairs what it can.
//
// # Why one database for each account
//
// When many accounts receive at the same time, each needs a sync of its own,
// and that makes delivery to 16 accounts less than half as fast as with one
// database for all. For this price an account can be saved, moved, removed and
// repaired alone, and damage stays within it. What would change the decision
// is a log for the whole directory, from which accounts are brought up to
// date: rows and bodies already go through one place (the writer), where it
// would be added.
package sqlitestore
