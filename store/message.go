package store

import (
	"io"

	"github.com/imapsrv/imapsrv/imap"
)

// Messages is a list of messages as a struct of arrays: element i of each
// array belongs to the same message. UIDs are strictly ascending.
//
// The slices belong to whoever received them and may be changed, except for
// the FlagSets' Other slices, which are shared: replace them, never write
// into them.
type Messages struct {
	// UIDs are the messages' unique identifiers.
	UIDs []imap.UID
	// ModSeqs are the MODSEQs of their last changes.
	ModSeqs []imap.ModSeq
	// FlagRefs are indexes into FlagSets.
	FlagRefs []uint32
	// FlagSets are the different sets of flags, normalized, in any order; a
	// set that no message refers to may be among them. \Recent is never in
	// them: see ClaimRecent.
	FlagSets []imap.FlagSet
}

// Len is the number of messages.
func (m *Messages) Len() int { return len(m.UIDs) }

// Flags returns the flags of message i. The result is shared.
func (m *Messages) Flags(i int) imap.FlagSet { return m.FlagSets[m.FlagRefs[i]] }

// Vector is a whole mailbox at one moment.
type Vector struct {
	// Mailbox is the record at that moment: its counters agree with the
	// messages below.
	Mailbox Mailbox
	// Messages are all messages of the mailbox.
	Messages
	// Keywords are those that FLAGS should mention (RFC 9051 §7.3.5): at
	// least the ones in FlagSets, in a stable order.
	Keywords []string
}

// Delta is what happened to a mailbox after a MODSEQ. Applying it to the
// Vector of that MODSEQ gives the Vector of Mailbox.HighestModSeq: drop
// Vanished, then set or add Changed.
type Delta struct {
	// Mailbox is the record after the changes.
	Mailbox Mailbox
	// Since is the MODSEQ that was asked about.
	Since imap.ModSeq
	// Changed are the messages that exist and whose MODSEQ is above Since,
	// new ones included, with all their flags.
	Changed Messages
	// Vanished are the UIDs expunged after Since, normalized, never a UID
	// that exists. When Since is below Floor it holds every UID below
	// UIDNext that does not exist, also those that were expunged before
	// Since, and so is never an omission (RFC 7162 §3.2.10.2 allows more
	// UIDs than needed; a client's known UIDs narrow them down).
	Vanished imap.UIDSet
	// Floor is the MODSEQ from which on the history of expunges is
	// complete.
	Floor imap.ModSeq
	// Keywords are as in Vector.
	Keywords []string
}

// Exact tells whether Vanished holds only what was expunged after Since.
func (d *Delta) Exact() bool { return d.Since >= d.Floor }

// Metadata is what stays the same for as long as the message exists.
type Metadata struct {
	// InternalDate is INTERNALDATE with the zone it was given.
	InternalDate imap.DateTime
	// SaveDate is when the message came into this mailbox (RFC 8514), UTC.
	SaveDate imap.DateTime
	// Size is RFC822.SIZE in octets.
	Size int64
	// EmailID is the EMAILID.
	EmailID EmailID
	// ThreadID is the THREADID.
	ThreadID ThreadID
}

// Body is a message's octets, exactly as they were appended. It stays
// readable until Close, even when the message has been expunged or the
// mailbox deleted meanwhile. ReadAt may be called from several goroutines at
// a time; no lock of the store is held between its calls.
type Body interface {
	io.ReaderAt
	io.Closer
	// Size is the number of octets.
	Size() int64
}

// Parts says what Account.Messages should read, as a set of bits.
type Parts uint8

// The parts of a Message. Its UID is always there.
const (
	WantMetadata Parts = 1 << iota
	WantSummary
	WantBody
	WantListing
)

// Message is one message as Account.Messages yields it; the fields that were
// not asked for are zero.
type Message struct {
	UID imap.UID
	Metadata
	// Summary is what Summarizer.Summarize made of the octets. It is shared
	// and must not be changed. It is nil when Summarize failed or the store
	// has no Summarizer.
	Summary []byte
	// Listing is what Summarizer.Summarize made beside the summary. It may
	// only be read until the next message is asked for. It is empty when
	// there is none: the summary says the same then.
	Listing []byte
	// Body is the receiver's to close.
	Body Body
}

// Summarizer makes the summaries and the listings that a store keeps beside
// messages so that a list of them can be shown without reading bodies. A
// summary is what all is made of that is known of a message without its
// octets; a listing is what is asked for most, in a form that can be sent as
// it is. The Summarizer is set on a backend when that is opened; the store
// never looks into what it makes.
type Summarizer struct {
	// Version names the form of both. When it differs from the one stored
	// with them, the backend makes them anew before giving them out.
	Version uint32
	// Summarize returns the summary and the listing of the size octets in
	// r. It is called without any lock, from several goroutines at a time,
	// and must not keep r. When it fails, the message is stored all the
	// same.
	Summarize func(r io.ReaderAt, size int64) (summary, listing []byte, err error)
}

// Staged is a message body that a store has taken over but that no mailbox
// holds yet. It may be appended any number of times, to mailboxes of the
// account that staged it.
type Staged interface {
	// Body gives the octets, for checks before the message is appended.
	// Close says that no further Append will use the Staged and frees what
	// Append did not take over; calling it again does nothing.
	Body
}

// NewMessage is a message to append.
type NewMessage struct {
	// Body comes from the same account's Stage.
	Body Staged
	// Flags are the first flags; \Recent and \* are ignored.
	Flags imap.FlagSet
	// InternalDate is kept as given; the zero value stands for now.
	InternalDate imap.DateTime
	// SaveDate, if not the zero value, is when the message came into the
	// mailbox that it is restored from, as RFC 8514 has it for a copy that
	// stands for the original. The zero value stands for now.
	SaveDate imap.DateTime
	// ThreadID, if not 0, is the thread that the message belongs to; it
	// must come from a Message of this account. 0 starts a new thread.
	ThreadID ThreadID
	// CopyOf, if not the zero value, is where the message is that this one
	// is a copy of. When the octets and the INTERNALDATE there are the same,
	// the two share their EMAILID, THREADID and body, as after Copy;
	// otherwise CopyOf changes nothing.
	CopyOf Place
}

// Place is where a message is.
type Place struct {
	Mailbox MailboxID
	UID     imap.UID
}

// AppendResult tells where messages went.
type AppendResult struct {
	// UIDValidity is the mailbox's.
	UIDValidity uint32
	// UIDs are the new UIDs, one for each message in their order, each
	// larger than the one before. It is normalized.
	UIDs imap.UIDSet
	// ModSeq is the MODSEQ of all of them.
	ModSeq imap.ModSeq
}

// CopyResult is the mapping of RFC 4315 §3: the n-th UID of Source became
// the n-th UID of Dest. Both are normalized, hence ascending. A message that
// was named but does not exist is in neither; both are empty when none did.
type CopyResult struct {
	// UIDValidity is the destination's.
	UIDValidity uint32
	// Source are the UIDs that were copied or moved.
	Source imap.UIDSet
	// Dest are the UIDs they got.
	Dest imap.UIDSet
	// ModSeq is the MODSEQ of the copies, and for Move also of the source's
	// expunges. When nothing was copied, it is the account's.
	ModSeq imap.ModSeq
}

// FlagOp says how Account.StoreFlags changes flags.
type FlagOp uint8

// The three forms of STORE (RFC 9051 §6.4.6).
const (
	FlagsReplace FlagOp = iota // FLAGS
	FlagsAdd                   // +FLAGS
	FlagsRemove                // -FLAGS
)

// FlagChange is what Account.StoreFlags does to each message.
type FlagChange struct {
	Op FlagOp
	// Flags are the operand; \Recent and \* are ignored.
	Flags imap.FlagSet
	// Conditional makes UnchangedSince count.
	Conditional bool
	// UnchangedSince leaves alone the messages whose MODSEQ is above it
	// (RFC 7162 §3.1.3); 0 leaves all of them alone.
	UnchangedSince imap.ModSeq
}

// Effect is what a change made of its mailbox. Whoever knows the mailbox as it
// was at Since knows it as it is in Mailbox, without Account.Changes.
type Effect struct {
	// Since is the mailbox's HighestModSeq before the change.
	Since imap.ModSeq
	// Mailbox is the record after it, but for Subscribed, which is false.
	// When nothing was changed its HighestModSeq is Since.
	Mailbox Mailbox
	// Keywords are as in Vector, after the change.
	Keywords []string
}

// StoreResult tells what Account.StoreFlags did.
type StoreResult struct {
	// Changed are the messages whose flags are now different, with all
	// their flags. A message that had the wanted flags already is not
	// changed: it keeps its MODSEQ and is not here.
	Changed Messages
	// Modified are the existing messages that UnchangedSince left alone,
	// normalized: the UIDs of the MODIFIED response code.
	Modified imap.UIDSet
	// ModSeq is the MODSEQ of all in Changed, or the account's when there
	// are none.
	ModSeq imap.ModSeq
	Effect
}

// Candidates says which messages of its set Account.Expunge removes.
type Candidates uint8

const (
	// OnlyDeleted removes those that have \Deleted, as EXPUNGE, UID EXPUNGE
	// and CLOSE do.
	OnlyDeleted Candidates = iota
	// AllGiven removes them whatever their flags, as MOVE between accounts
	// does.
	AllGiven
)

// ExpungeResult tells what Account.Expunge removed.
type ExpungeResult struct {
	// UIDs are the messages that are gone, normalized.
	UIDs imap.UIDSet
	// ModSeq is the MODSEQ of the expunge, or the account's when nothing
	// was removed.
	ModSeq imap.ModSeq
	Effect
}

// RecentRange is the UIDs that were \Recent: From ≤ UID < To. It is empty
// when From equals To.
type RecentRange struct{ From, To imap.UID }

// Contains tells whether uid is in the range.
func (r RecentRange) Contains(uid imap.UID) bool { return r.From <= uid && uid < r.To }

// Quota is how much an account holds and may hold. A message counts once in
// each mailbox it is in.
type Quota struct {
	// Messages and Size are the counts of messages and of their octets.
	Messages uint64
	Size     uint64
	// MaxMessages and MaxSize are the limits; 0 stands for none.
	MaxMessages uint64
	MaxSize     uint64
}
