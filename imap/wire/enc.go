package wire

import "io"

// Enc is the state of an encoder that is common to all grammars: what has been
// negotiated, and what the unit needs besides its octets. A generated encoder
// embeds it. The zero value is that of a client that knows nothing of its server.
//
// Its primitives write a value at an Out and return the place behind it. A value that
// cannot be said is noted and reported by Finish.
type Enc struct {
	// UTF8 says that UTF8=ACCEPT is enabled (RFC 9755): strings may be quoted UTF-8.
	UTF8 bool
	// Rev2 says that IMAP4rev2 is enabled (RFC 9051), which allows the same.
	Rev2 bool
	// LiteralPlus says that the server takes non-synchronizing literals of any size (RFC 7888).
	LiteralPlus bool
	// LiteralMinus says that it takes those of up to 4096 octets (RFC 7888, RFC 9051 §4.3).
	LiteralMinus bool
	// Side is who sends.
	Side Side

	room   room
	breaks []Break
	used   bool // there are breaks, or the unit cannot be sent
	bad    bool // the unit cannot be sent: a value could not be said, or lacks is not empty
	wrong  bool // a value could not be said, for failed and reason
	failed Site
	reason string
	sites  []SiteInfo
	needs
}

// A Break is a place in an encoded unit that is not just octets to send.
type Break struct {
	// Offset is the index in the encoded octets: those before it are sent first.
	Offset int
	// Body is copied to the connection at this place; nil where there is none.
	Body io.Reader
	// Size counts the octets of Body.
	Size int64
	// Sync says to wait for the server's "+" first.
	Sync bool
}

// pause notes a break.
func (e *Enc) pause(b Break) {
	e.used = true
	e.breaks = append(e.breaks, b)
}

// forgetBreaks keeps the memory of the breaks, but nothing that they hold.
func (e *Enc) forgetBreaks() {
	clear(e.breaks)
	e.breaks = e.breaks[:0]
}

// finishBad is Finish for a unit that cannot be sent, with what was there before.
//
//go:noinline
func (e *Enc) finishBad(dst []byte) ([]byte, error) {
	e.forgetBreaks()
	if !e.wrong {
		return dst, e.lacking()
	}
	info := siteInfo(e.sites, e.failed)
	return dst, &EncodeError{Rule: info.Rule, Expected: info.Expected, Reason: e.reason}
}

// Breaks returns the breaks of the last unit, in order. They are the encoder's
// until the next unit.
func (e *Enc) Breaks() []Break { return e.breaks }

// Sites sets the table that describes the sites from NumSites on.
func (e *Enc) Sites(table []SiteInfo) { e.sites = table }

// Fail notes that a value does not fit a rule, and returns p. The first note counts.
func (e *Enc) Fail(p Out, site Site) Out { return e.FailReason(p, site, "") }

// FailReason is Fail with a reason, which must not hold the value.
func (e *Enc) FailReason(p Out, site Site, reason string) Out {
	e.fail(nil, site, reason)
	return e.Room(p)
}

// Failed reports whether something was noted since Start, by Fail or by Need.
func (e *Enc) Failed() bool { return e.bad }

// fail is FailReason for what appends to dst.
func (e *Enc) fail(dst []byte, site Site, reason string) []byte {
	if !e.wrong {
		e.used, e.bad, e.wrong, e.failed, e.reason = true, true, true, site, reason
	}
	return dst
}
