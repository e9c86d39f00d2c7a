package store

import (
	"strconv"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// Inbox is the name of the mailbox that every account has (RFC 9051 §5.1).
// The engine gives it in upper case, whatever the client wrote.
const Inbox = "INBOX"

// Separator stands between the levels of a mailbox name, in every store.
const Separator = "/"

// MailboxID identifies a mailbox for as long as it exists, whatever its
// name. It is never 0 and never given to a second mailbox of the account,
// nor, as far as a backend can manage, to one of another account on the same
// server (RFC 8474 §8.2).
type MailboxID uint64

// String returns the MAILBOXID of RFC 8474 §4: a letter and hexadecimal
// digits.
func (id MailboxID) String() string { return objectID('F', uint64(id)) }

// EmailID identifies the immutable content of a message: octets and
// INTERNALDATE. Copy and Move keep it (RFC 8474 §5.1).
type EmailID uint64

// String returns the EMAILID.
func (id EmailID) String() string { return objectID('M', uint64(id)) }

// ThreadID identifies a thread; messages with the same EmailID have the same
// one, and it never changes (RFC 8474 §5.2).
type ThreadID uint64

// String returns the THREADID.
func (id ThreadID) String() string { return objectID('T', uint64(id)) }

func objectID(kind byte, n uint64) string {
	return string(strconv.AppendUint([]byte{kind}, n, 16))
}

// SpecialUse is a set of the attributes of RFC 6154 §2.
type SpecialUse uint16

// The special uses. A mailbox may have several; the store does not care
// whether two mailboxes have the same.
const (
	UseAll SpecialUse = 1 << iota
	UseArchive
	UseDrafts
	UseFlagged
	UseJunk
	UseSent
	UseTrash
	UseImportant // RFC 8457 §3
)

var useNames = []string{`\All`, `\Archive`, `\Drafts`, `\Flagged`, `\Junk`, `\Sent`, `\Trash`, `\Important`}

// Names returns the attributes as LIST says them, such as `\Drafts`.
func (u SpecialUse) Names() []string {
	var names []string
	for i, name := range useNames {
		if u&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String returns the attributes separated by spaces.
func (u SpecialUse) String() string { return strings.Join(u.Names(), " ") }

// Mailbox is the record of one mailbox: all that LIST and STATUS need, kept
// up to date by every write, never counted by a scan.
//
// Invariants: UIDNext is larger than every UID the mailbox has ever had and
// never goes down; UIDValidity and ID never change, RENAME included;
// HighestModSeq is at least the MODSEQ of each message and of each expunge
// and never goes down; Unseen, Deleted and Recent are at most Messages.
type Mailbox struct {
	// ID names the mailbox in all calls that work on messages.
	ID MailboxID
	// Name is Net-Unicode in NFC with Separator between levels.
	Name string
	// Use is the set of special uses.
	Use SpecialUse
	// Subscribed tells whether Name is on the list of subscriptions.
	Subscribed bool
	// UIDValidity is larger than that of every mailbox created earlier in
	// the account, unless NewMailbox fixed it.
	UIDValidity uint32
	// UIDNext is the UID that the next message gets, at least; 1 at first.
	UIDNext imap.UID
	// HighestModSeq is the account's MODSEQ when a message was last added,
	// changed or expunged, or when the mailbox was created; never 0.
	HighestModSeq imap.ModSeq
	// Messages counts the messages.
	Messages uint32
	// Unseen counts those without \Seen.
	Unseen uint32
	// Deleted counts those with \Deleted.
	Deleted uint32
	// Recent counts those that no ClaimRecent has covered.
	Recent uint32
	// Size is the sum of the messages' octets.
	Size uint64
}

// NewMailbox asks for a mailbox.
type NewMailbox struct {
	// Name is the whole name.
	Name string
	// Use is the set of special uses it gets.
	Use SpecialUse
	// Subscribe also subscribes the name.
	Subscribe bool
	// UIDValidity, if not 0, is what the mailbox gets instead of the next
	// value of the account's counter. It exists for fixed sample data and
	// for restoring backups; two mailboxes that have had the same name must
	// not have the same value with different messages.
	UIDValidity uint32
}
