// Package store says what a mail store must promise: the interfaces between
// the session engine, which owns everything that IMAP says, and a backend,
// which only persists.
//
// A Store holds accounts. An Account is the unit of consistency: mailboxes,
// messages and subscriptions of one owner, with one MODSEQ that grows by one
// with each transaction that changes something. One interface call is one
// transaction, and, where a backend is far away, one round trip; calls work
// on many messages at once.
//
// # Reading
//
// An engine that opens a mailbox does three things, in this order: Watch the
// account, Load the mailbox, and for each Hint ask Changes for what happened
// since the MODSEQ it has. That is all it takes to keep any number of
// sessions up to date, within a process and across them. FETCH of flags is
// answered from the Vector; Messages reads what the vector does not hold, in
// bulk.
//
// # Writing
//
// Stage takes the octets of a message, at whatever speed they come, outside
// of any transaction; Append makes staged messages visible. UIDs are given
// out in the transaction that makes the message visible, so they are never
// seen out of order, and they are never used again.
//
// # Errors
//
// All errors are *Error with a Code from a closed set, each of which is one
// IMAP response code.
//
// # How to write a backend
//
// Implement Store and Account, and call storetest.Run from a test: it checks
// everything that this package promises, concurrency included. memstore is
// the model to read; it is small because the rules are here:
//
//   - CheckName decides about names, Superiors and Below about hierarchy.
//     Names arrive decoded and normalized; compare them as octets.
//   - Error and its Code: map each failure of what is underneath, once. A
//     full disk is Unavailable, not OverQuota; damaged data is Corruption.
//   - Feed is the change feed within a process: Publish after each commit,
//     outside of the transaction. A backend shared by several processes
//     also has to carry hints between them, and has to compare MODSEQs every
//     few seconds in case one was lost.
//   - CutUIDs and MissingUIDs relate sets of UIDs to the UIDs that exist.
//
// Start every transaction by taking the account's MODSEQ and its lock in
// one: that puts commits in the order of their MODSEQs, which all readers
// rely on. Assign UIDs inside of it. Take nothing for granted that was read
// before it: that the mailbox exists, that there is room, that a message is
// still there.
//
// Keep the counters of Mailbox with every write; they are read far more
// often than they change, and STATUS must not scan. Keep a history of
// expunges as (MODSEQ, range of UIDs), and a floor: the MODSEQ up to which
// history was dropped. Changes below the floor must answer with all UIDs
// that do not exist, which any backend can compute. The history of a mailbox
// may be dropped whenever it grows larger than the mailbox.
//
// Load wants the mailbox in milliseconds: keep what it returns packed, many
// messages to a row, column by column. MODSEQ needs no index.
//
// Bodies, INTERNALDATE, EMAILID, THREADID and summaries are immutable, so
// that Copy can share them and Move can leave them alone. A Body that is
// open must survive Expunge, Delete and compaction.
//
// A backend may have powers that not all have: Annotator keeps metadata.
// They are small interfaces of their own, which an engine finds by type
// assertion on the Account and advertises only where it finds them; Account
// itself stays what every backend can do.
//
// Durability comes before visibility: whatever the transaction relies on
// (the body's octets, a directory entry) is on the disk before the
// transaction commits, and the commit is before the method returns. After a
// crash, staged bodies that no message refers to are garbage to be swept.
package store
