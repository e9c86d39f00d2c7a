package transfer

import (
	"fmt"
	"io"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Account is what an account has beside messages.
type Account struct {
	// Mailboxes are in no particular order. A superior that is not among them is no mailbox.
	Mailboxes []Mailbox `json:"mailboxes"`
	// Subscriptions are names, of mailboxes or not.
	Subscriptions []string `json:"subscriptions"`
}

// Mailbox is a mailbox as it is transferred.
type Mailbox struct {
	// Name has store.Separator between levels.
	Name string `json:"name"`
	// ID is the MAILBOXID in the account that it comes from, if that is known.
	ID string `json:"id,omitempty"`
	// UIDValidity is that of the account it comes from, 0 if it has none.
	UIDValidity uint32 `json:"uidvalidity,omitempty"`
	// Use are the special uses (RFC 6154), such as \Sent.
	Use []string `json:"use,omitempty"`
	// Messages counts those that follow, as far as that is known beforehand.
	Messages int64 `json:"messages,omitempty"`
}

// Message is a message without its octets.
type Message struct {
	// UID is that of the account it comes from, 0 if there was none.
	UID imap.UID `json:"uid,omitempty"`
	// Flags are system flags and keywords.
	Flags []string `json:"flags,omitempty"`
	// Date is INTERNALDATE.
	Date Date `json:"date"`
	// Saved is SAVEDATE, the zero value if it is not known.
	Saved Date `json:"saved,omitzero"`
	// Email is the EMAILID in the account that it comes from, if other messages there have it too, as copies have.
	Email string `json:"email,omitempty"`
	// Size is the number of octets.
	Size int64 `json:"size"`
	// Exact tells that there are line ends other than CRLF: as a text with LF it would not be the same message.
	Exact bool `json:"exact,omitempty"`
}

// Receiver takes an account: Account once, then Mailbox for each mailbox that has messages, each followed by Message for
// its messages, then Close. Message reads as much of octets as it likes; there are m.Size of them.
type Receiver interface {
	Account(a Account) error
	Mailbox(m Mailbox) error
	Message(m Message, octets io.Reader) error
	// Close makes everything durable. It is only called when all has been said.
	Close() error
}

// Progress counts what has been done.
type Progress struct {
	// Mailbox is the one that is being transferred.
	Mailbox string `json:"mailbox,omitempty"`
	// Messages are those that are durable now.
	Messages int64 `json:"messages"`
	// Present are those that were there before.
	Present int64 `json:"present,omitempty"`
	// Octets are those of Messages.
	Octets int64 `json:"octets"`
	// LeftOut counts what could not be transferred; a warning told why.
	LeftOut int64 `json:"leftOut,omitempty"`
}

// Listener is told how a transfer goes. Its functions may be nil.
type Listener struct {
	Progress func(Progress)
	// Warn gets text for people: something was left out or changed.
	Warn func(text string)
}

func (l Listener) progress(p Progress) {
	if l.Progress != nil {
		l.Progress(p)
	}
}

func (l Listener) warn(format string, args ...any) {
	if l.Warn != nil {
		l.Warn(fmt.Sprintf(format, args...))
	}
}

// useOf returns the special uses with these names; what it does not know is left out.
func useOf(names []string) store.SpecialUse {
	var use store.SpecialUse
	for bit := store.SpecialUse(1); bit <= store.UseImportant; bit <<= 1 {
		for _, name := range names {
			if strings.EqualFold(bit.String(), name) {
				use |= bit
			}
		}
	}
	return use
}

// Date is an INTERNALDATE, with its zone.
type Date imap.DateTime

// MarshalText writes the date as RFC 3339 does.
func (d Date) MarshalText() ([]byte, error) {
	sign, zone := '+', d.Zone
	if zone < 0 {
		sign, zone = '-', -zone
	}
	return fmt.Appendf(nil, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
		d.Year, d.Month, d.Day, d.Hour, d.Min, d.Sec, sign, zone/60, zone%60), nil
}

// UnmarshalText reads what MarshalText has written.
func (d *Date) UnmarshalText(text []byte) error {
	const form = "0000-00-00T00:00:00+00:00"
	n := make([]int, 0, 8)
	digits := 0
	ok := len(text) == len(form)
	for i := 0; ok && i < len(form); i++ {
		c := text[i]
		switch {
		case form[i] != '0':
			ok = c == form[i] || form[i] == '+' && c == '-'
			digits = 0
		case c < '0' || c > '9':
			ok = false
		case digits == 0:
			n = append(n, int(c-'0'))
			digits++
		default:
			n[len(n)-1] = 10*n[len(n)-1] + int(c-'0')
		}
	}
	if !ok {
		return fmt.Errorf("%.40q is no date", text)
	}
	zone := 60*n[6] + n[7]
	if text[19] == '-' {
		zone = -zone
	}
	t := imap.DateTime{
		Year: uint16(n[0]), Month: uint8(n[1]), Day: uint8(n[2]),
		Hour: uint8(n[3]), Min: uint8(n[4]), Sec: uint8(n[5]), Zone: int16(zone),
	}
	if !t.IsZero() && strings.HasPrefix(t.String(), "invalid") { // the zero value is no date
		return fmt.Errorf("there is no date %q", text)
	}
	*d = Date(t)
	return nil
}
