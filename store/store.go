package store

import (
	"context"
	"io"
	"iter"

	"github.com/imapsrv/imapsrv/imap"
)

// Store holds accounts. All methods may be called from several goroutines
// at a time.
type Store interface {
	// CreateAccount makes an account: INBOX, then what setup asks for.
	// AlreadyExists if there is one with this id, which is then unchanged.
	CreateAccount(ctx context.Context, id string, setup Setup) error
	// Account opens an account; NonExistent if there is none. Every Account
	// must be closed; several may be open for the same account, in which
	// case they show the same state.
	Account(ctx context.Context, id string) (Account, error)
	// Limits returns the limits in force.
	Limits() Limits
	// Close ends the store. Accounts that are still open answer with
	// Unavailable from then on; bodies that are open stay readable.
	Close() error
}

// Setup is what a new account starts with.
type Setup struct {
	// Mailboxes are made in this order, superiors included. INBOX, which is
	// always made and made first, may be among them to give it attributes.
	Mailboxes []NewMailbox
	// MaxMessages and MaxSize become the limits of Quota; 0 means none.
	MaxMessages uint64
	MaxSize     uint64
}

// Account is the unit of consistency: the mailboxes, messages and
// subscriptions of one owner, and one MODSEQ for all of them.
//
// Each call is one transaction: it happens completely or not at all, and
// when it returns without error, its effect is as durable as the backend
// ever makes it and visible to every later call, through whichever handle.
// Transactions of an account happen one after the other. Each one that
// changes something (messages, flags, mailboxes, subscriptions) takes the
// next MODSEQ; one that changes nothing takes none. Whoever sees MODSEQ m
// sees everything that happened up to m.
//
// A context that ends before the transaction has begun to commit makes the
// call fail with Unavailable, wrapping the context's error, and with nothing
// done. No method holds a lock or a transaction while it reads from or waits
// for something of the caller's.
//
// UID sets given to an Account may be in any order and overlap; they stand
// for the messages in them that exist, in ascending order, and a range costs
// no more than the messages it hits. That a UID does not exist is no error
// unless stated. Sequence numbers and "*" are the engine's business.
//
// Errors are of type *Error. A call with a MailboxID that does not exist
// (any more) gives NonExistent, or TryCreate where it is a destination.
//
// All methods may be called from several goroutines at a time.
type Account interface {
	// ID is the id that the account was opened with.
	ID() string
	// Close gives up the handle, which then answers with Unavailable, and
	// closes its Watch channels. A second call does nothing.
	Close() error

	Mailboxes
	Reader
	Writer

	// Watch returns a channel of hints that is never closed before ctx ends
	// or the handle is closed. The first one is there at once and tells the
	// present MODSEQ: whoever calls Watch first and Load afterwards misses
	// nothing. Hints coalesce; a slow receiver slows nobody down. A hint
	// that gets lost between processes is made good within 10 seconds.
	Watch(ctx context.Context) <-chan Hint
	// ModSeq returns the account's MODSEQ, at least 1.
	ModSeq(ctx context.Context) (imap.ModSeq, error)
	// Quota returns usage and limits. Counters agree with the mailboxes'.
	Quota(ctx context.Context) (Quota, error)
}

// Mailboxes is the part of Account that is about names.
//
// Names are checked by CheckName. A level need not be a mailbox: when "foo"
// is deleted while "foo/bar" exists, "foo" remains a superior that is no
// mailbox (\NonExistent, RFC 9051 §7.3.1), of which the store keeps no
// record: whoever lists names infers it from its inferiors.
type Mailboxes interface {
	// Mailboxes returns all mailboxes, sorted by name as octets.
	Mailboxes(ctx context.Context) ([]Mailbox, error)
	// Lookup returns the mailbox of this name; NonExistent if there is none.
	Lookup(ctx context.Context, name string) (Mailbox, error)
	// Mailbox returns the mailbox with this id.
	Mailbox(ctx context.Context, id MailboxID) (Mailbox, error)
	// Create makes a mailbox and those of its superiors that do not exist,
	// without attributes (RFC 9051 §6.3.4), and returns it. AlreadyExists
	// if the name is a mailbox, INBOX included.
	Create(ctx context.Context, m NewMailbox) (Mailbox, error)
	// Delete removes the mailbox and its messages; inferiors and the
	// subscription stay (RFC 9051 §6.3.5). Cannot for INBOX; HasChildren
	// for a name that is no mailbox but has inferiors; otherwise
	// NonExistent.
	Delete(ctx context.Context, name string) error
	// Rename gives the mailbox and all its inferiors new names and makes
	// missing superiors of the new name (RFC 9051 §6.3.6). Ids,
	// UIDVALIDITY, UIDs and MODSEQs of messages stay; subscriptions, being
	// about names, stay as they are. A superior that is no mailbox can be
	// renamed as well.
	//
	// Renaming INBOX makes a mailbox of the new name (with an id,
	// UIDVALIDITY and UIDs of its own) and moves all messages there, like
	// Move; INBOX and its inferiors stay.
	//
	// NonExistent if from has neither a mailbox nor inferiors;
	// AlreadyExists if from is to, or if any of the new names is a mailbox
	// that does not itself move away; Cannot if to is below from, unless
	// that is INBOX.
	Rename(ctx context.Context, from, to string) error
	// Subscribe adds a name to the subscriptions, whether or not it is a
	// mailbox. A name that is there already is no error.
	Subscribe(ctx context.Context, name string) error
	// Unsubscribe removes a name; one that is not there is no error.
	Unsubscribe(ctx context.Context, name string) error
	// Subscriptions returns the names, sorted as octets.
	Subscriptions(ctx context.Context) ([]string, error)
}

// Reader is the part of Account that reads messages.
type Reader interface {
	// Load reads a whole mailbox as it is at one moment.
	Load(ctx context.Context, id MailboxID) (*Vector, error)
	// Changes reads what happened to a mailbox after since: 0 gives
	// everything, a MODSEQ of the future nothing. Both ends are exact: no
	// change is missed or told twice by asking next with
	// Delta.Mailbox.HighestModSeq.
	Changes(ctx context.Context, id MailboxID, since imap.ModSeq) (*Delta, error)
	// Messages reads parts of many messages, ascending. Those that are
	// expunged while it runs may be missing. An error ends the sequence: it
	// comes with a zero Message. The context counts while the loop runs,
	// and the loop's body may take its time and may call the Account.
	Messages(ctx context.Context, id MailboxID, uids imap.UIDSet, parts Parts) iter.Seq2[Message, error]
	// Body opens one message. ExpungeIssued if there was a message with
	// this UID, NonExistent if there never was.
	Body(ctx context.Context, id MailboxID, uid imap.UID) (Body, error)
}

// Writer is the part of Account that changes messages.
type Writer interface {
	// Stage takes over a body of exactly size octets from src, so that
	// appending it does not depend on how fast src is. It holds no lock
	// and keeps no more than 64 KiB of a large body in memory. When src
	// fails or ends early, that error comes back as the cause of an
	// Unavailable (io.ErrUnexpectedEOF if it ended). TooBig and, if the
	// account has no room for it now, OverQuota come back before src is
	// read.
	Stage(ctx context.Context, src io.Reader, size int64) (Staged, error)
	// Append adds messages in the order given, all or none. TryCreate if
	// the mailbox does not exist. No messages is no error.
	Append(ctx context.Context, id MailboxID, msgs []NewMessage) (AppendResult, error)
	// StoreFlags changes flags. It fails as a whole with Limit if there is
	// no room for its new keywords beside those that are in use before it.
	StoreFlags(ctx context.Context, id MailboxID, uids imap.UIDSet, change FlagChange) (StoreResult, error)
	// Copy copies messages with flags, INTERNALDATE, EMAILID and THREADID,
	// all or none (RFC 9051 §6.4.7). Source and destination may be the same.
	Copy(ctx context.Context, src MailboxID, uids imap.UIDSet, dst MailboxID) (CopyResult, error)
	// Move is Copy and the expunge of the source in one transaction
	// (RFC 6851), with one MODSEQ. It needs no free quota.
	Move(ctx context.Context, src MailboxID, uids imap.UIDSet, dst MailboxID) (CopyResult, error)
	// Expunge removes the candidates among uids for good.
	Expunge(ctx context.Context, id MailboxID, uids imap.UIDSet, which Candidates) (ExpungeResult, error)
	// ClaimRecent returns the UIDs that no ClaimRecent has returned before
	// and makes them no longer \Recent, so that of all sessions exactly one
	// gets a message as \Recent (RFC 3501 §2.3.2). It takes no MODSEQ, and a
	// crash may undo it. Not all UIDs in the range need exist.
	ClaimRecent(ctx context.Context, id MailboxID) (RecentRange, error)
	// PeekRecent returns what ClaimRecent would and changes nothing, as
	// EXAMINE needs it.
	PeekRecent(ctx context.Context, id MailboxID) (RecentRange, error)
}
