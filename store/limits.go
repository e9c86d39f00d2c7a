package store

// Limits bounds what one account can hold. Exceeding one is Limit, except
// where stated. They keep a client from spending memory that its quota does
// not count. A zero field stands for the field of DefaultLimits.
type Limits struct {
	// MailboxName is the longest name, in octets of UTF-8; default 1,000.
	MailboxName int
	// MailboxDepth is the number of levels in a name; default 32.
	MailboxDepth int
	// Mailboxes is their number in an account; default 10,000.
	Mailboxes int
	// Subscriptions is their number in an account, which may include names
	// without a mailbox; default 20,000.
	Subscriptions int
	// Keywords is the number of different keywords in one mailbox, counted
	// without regard to case; default 256. A keyword that no message has
	// any more need not count.
	Keywords int
	// KeywordLength is the longest keyword, in octets; default 255.
	KeywordLength int
	// Messages is the number of messages in one mailbox; default 10 million.
	Messages int
	// MessageSize is the largest message, in octets (TooBig); default 1 GiB.
	MessageSize int64
	// Entries is the number of metadata entries of one mailbox, or of the
	// account itself; default 100.
	Entries int
	// EntrySize is the largest value of one, in octets; default 64 KiB. A
	// name may be as long as that of a mailbox.
	EntrySize int
}

// DefaultLimits returns the limits that a store has unless told otherwise.
func DefaultLimits() Limits {
	return Limits{
		MailboxName:   1000,
		MailboxDepth:  32,
		Mailboxes:     10_000,
		Subscriptions: 20_000,
		Keywords:      256,
		KeywordLength: 255,
		Messages:      10_000_000,
		MessageSize:   1 << 30,
		Entries:       100,
		EntrySize:     64 << 10,
	}
}

// WithDefaults returns l with its zero fields replaced.
func (l Limits) WithDefaults() Limits {
	d := DefaultLimits()
	orInt := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	orInt(&l.MailboxName, d.MailboxName)
	orInt(&l.MailboxDepth, d.MailboxDepth)
	orInt(&l.Mailboxes, d.Mailboxes)
	orInt(&l.Subscriptions, d.Subscriptions)
	orInt(&l.Keywords, d.Keywords)
	orInt(&l.KeywordLength, d.KeywordLength)
	orInt(&l.Messages, d.Messages)
	orInt(&l.Entries, d.Entries)
	orInt(&l.EntrySize, d.EntrySize)
	if l.MessageSize == 0 {
		l.MessageSize = d.MessageSize
	}
	return l
}
