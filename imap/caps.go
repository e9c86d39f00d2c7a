package imap

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap/wire"
)

// SetCaps lets the decoder know only what the capabilities offer, with what they imply
// ([Implied]): anything else decodes as if the grammar did not have it. Without a call it
// knows everything.
func (d *Decoder) SetCaps(caps ...Capability) {
	d.SetCapabilities(capNames(caps)...)
	d.NoSaved = !offers(caps, CapSearchRes)
}

// SetCaps tells the encoder what the server of the connection offers, its peer or itself. What
// needs more than the capabilities and what they imply ([Implied]) is refused with an
// *EncodeError that says what would do (Needs), or said another way where there is one. A
// client's literals go without waiting where LITERAL+ or LITERAL- are offered (RFC 7888).
//
// What a client must ENABLE first is not for SetCaps to know: UTF8 and Rev2 say so. Words of
// open sets, such as flags, mailbox attributes and capabilities, need nothing, since any
// word may stand there. Without a call the encoder takes everything as offered.
func (e *Encoder) SetCaps(caps ...Capability) {
	e.SetCapabilities(capNames(caps)...)
	e.check.NoSaved = !offers(caps, CapSearchRes)
	e.LiteralPlus, e.LiteralMinus = offers(caps, CapLiteralPlus), offers(caps, CapLiteralMinus)
}

// Implies lists what a server that offers the capability has besides, whether it says so or
// not: QRESYNC implies CONDSTORE and ENABLE (RFC 7162 §3.2.3), IMAP4rev2 what it took up
// as a whole (RFC 9051 Appendix E). What these imply is in the list.
func (c Capability) Implies() []Capability { return Implied(c)[1:] }

// Implied lists capabilities and then those that they imply, each once.
func Implied(caps ...Capability) []Capability {
	var out []Capability
	for _, name := range wire.Implied(implied[:], capNames(caps)) {
		out = append(out, Capability(name))
	}
	return out
}

// Conflicts lists the pairs among the capabilities that no server may offer together, such
// as LITERAL+ and LITERAL- (RFC 7888 §5). What is only implied conflicts with nothing.
func Conflicts(caps ...Capability) [][2]Capability {
	var out [][2]Capability
	for _, p := range wire.Conflicting(conflicts[:], capNames(caps)) {
		out = append(out, [2]Capability{Capability(p[0]), Capability(p[1])})
	}
	return out
}

// An Addition is something that a capability adds to the protocol: a command, a search key,
// an item of FETCH, a response code, an optional part of a command, ….
type Addition struct {
	// Type is the Go type of this package whose values it adds to, such as "Command",
	// "Untagged", "ResponseCode", "SearchKey", "FetchAtt" or "FetchData"; "" where it is a
	// part without a type of its own.
	Type string
	// Rule is the rule of the grammar, such as "search-key".
	Rule string
	// Text is its keyword, or what it is called where it has none.
	Text string
	// RFC is where it is specified, such as "rfc7162"; "" for what vendors added.
	RFC string
	// Caps are the capabilities that add it: any of them does.
	Caps Need
}

// Adds lists what the capability adds to what every server has, in the order of the grammar.
// What it only implies is not there. It is nil for capabilities without syntax of their own.
func (c Capability) Adds() []Addition {
	var out []Addition
	for _, a := range additions {
		need := needOf(strings.Fields(sections[a.Section]))
		if a.Rule != "capability" && need.names(c) {
			out = append(out, Addition{a.Type, a.Rule, a.Text, a.Source, need})
		}
	}
	return out
}

// A Need is what a value needs to be sent: one of the capabilities. One that ends with "=",
// such as MESSAGELIMIT=, stands for those that begin with it.
type Need []Capability

// String writes a need as people say it: "CONDSTORE or QRESYNC".
func (n Need) String() string { return strings.Join(capNames(n), " or ") }

// Met reports whether a server that offers the capabilities has what is needed.
func (n Need) Met(offered ...Capability) bool {
	for _, c := range Implied(offered...) {
		if n.names(c) {
			return true
		}
	}
	return false
}

// names reports whether a capability is one of those needed.
func (n Need) names(c Capability) bool {
	for _, name := range n {
		if wire.Covers(string(name), string(c)) {
			return true
		}
	}
	return false
}

func needOf(names []string) Need {
	var n Need
	for _, name := range names {
		n = append(n, Capability(name))
	}
	return n
}

func offers(caps []Capability, c Capability) bool { return Need{c}.Met(caps...) }

func capNames(caps []Capability) []string {
	names := make([]string, len(caps))
	for i, c := range caps {
		names[i] = string(c)
	}
	return names
}
