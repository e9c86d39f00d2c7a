package imap

import (
	"errors"
	"strings"
)

// LenientDecoder decodes what servers send where they depart from the grammar.
// It is for clients, and explicit: each departure that it reads is a Quirk, and
// is reported by Diagnostics.
//
// A unit is decoded as the grammar says first, so that leniency costs nothing
// where it is not needed. Where that fails, the quirk that fits the place is
// written as the grammar wants it, and the unit is decoded again. What nothing
// can be made of is left out of its list (QuirkBrokenItem), so that one bad item
// does not lose the rest of a response. A unit that cannot be read even so has
// the error of strict decoding.
//
// The work for a unit is bounded: see maxRepairs. The zero value is strict. Like
// a Decoder, it must not be used by two goroutines at once, nor copied.
type LenientDecoder struct {
	Decoder
	// Quirks are those that are read.
	Quirks QuirkSet

	diagnostics []Diagnostic
}

// Diagnostic says that something in a unit was read though the grammar forbids it.
type Diagnostic struct {
	// Offset counts octets from the start of the frame, as it was received.
	Offset int
	// Rule is that of the grammar which did not fit, as in a SyntaxError.
	Rule string
	// Quirk is what it was taken for.
	Quirk Quirk
	// Original are the octets that were read otherwise; it is empty where
	// something was missing.
	Original string
	// Read is what was read in their place; it is empty where they were left out.
	Read string
}

// Diagnostics are those of the last unit, in the order in which they were met.
// The slice is not used again.
func (d *LenientDecoder) Diagnostics() []Diagnostic { return d.diagnostics }

// Response is like Decoder.Response.
func (d *LenientDecoder) Response(f Frame) (Response, error) {
	v, err := d.Decoder.Response(f)
	if t, ok := d.begin(f, v, err); ok {
		return lenient(d, f, t, v, err, d.Decoder.Response)
	}
	return v, err
}

// Greeting is like Decoder.Greeting.
func (d *LenientDecoder) Greeting(f Frame) (*StatusResponse, error) {
	v, err := d.Decoder.Greeting(f)
	if t, ok := d.begin(f, v, err); ok {
		return lenient(d, f, t, v, err, d.Decoder.Greeting)
	}
	return v, err
}

// FetchData is like Decoder.FetchData: it decodes what follows a streamed literal.
func (d *LenientDecoder) FetchData(f Frame) (*FetchData, error) {
	v, err := d.Decoder.FetchData(f)
	if t, ok := d.begin(f, v, err); ok {
		return lenient(d, f, t, v, err, d.Decoder.FetchData)
	}
	return v, err
}

// trouble is where a unit departs from the grammar.
type trouble struct {
	at   int
	rule string
	// doubtful: the grammar has a reading, though hardly the one that was meant.
	doubtful bool
}

// begin reports whether a unit that was decoded by the grammar needs leniency, and where.
func (d *LenientDecoder) begin(f Frame, v any, err error) (trouble, bool) {
	d.diagnostics = nil
	if d.Quirks == 0 {
		return trouble{}, false
	}
	return d.examine(f.Bytes, v, err)
}

// lenient decodes a unit by a root of the grammar, which gave v and err for it.
func lenient[T any](d *LenientDecoder, f Frame, t trouble, v T, err error, decode func(Frame) (T, error)) (T, error) {
	m := mender{quirks: d.Quirks, original: f.Bytes, b: f.Bytes}
	if w, ok := mend(d, &m, f, t, decode); ok {
		d.diagnostics = m.diagnostics
		return w, nil
	}
	if d.Borrow {
		return decode(f) // the attempts have used its memory
	}
	return v, err
}

// maxRepairs bounds how often a unit is decoded again, and maxWork the octets
// that are decoded again for this; a longer unit is tried minRepairs times.
const (
	maxRepairs = 256
	minRepairs = 4
	maxWork    = 4 << 20
)

// mend decodes a unit that is in trouble until it is not. It reports false where
// nothing helps.
func mend[T any](d *LenientDecoder, m *mender, f Frame, t trouble, decode func(Frame) (T, error)) (v T, ok bool) {
	budget := min(max(minRepairs, maxWork/max(1, len(f.Bytes))), maxRepairs)
	for {
		helped := false
		for r := range m.repairs(t) {
			if budget--; budget < 0 {
				return v, false
			}
			undo := *m
			m.apply(t, r)
			f.Bytes = m.b
			w, err := decode(f)
			next, bad := d.examine(m.b, w, err)
			if !bad || r.keep {
				m.restore(w)
				return w, true
			}
			if next.at >= r.start+len(r.with) && (len(m.b) != len(undo.b) || next.at > t.at) {
				t, helped = next, true
				break
			}
			*m = undo
		}
		if !helped {
			return v, false
		}
	}
}

// examine says whether a decoded unit is in trouble, and where.
func (d *LenientDecoder) examine(b []byte, v any, err error) (trouble, bool) {
	if err == nil {
		return d.doubt(b, v)
	}
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return trouble{}, false
	}
	hopeless := syntax.Offset >= len(b) || syntax.Rule == "nesting" || syntax.Rule == "list"
	return trouble{at: syntax.Offset, rule: syntax.Rule}, !hopeless
}

// doubt finds what the grammar reads only because it must read what it does not
// know.
func (d *LenientDecoder) doubt(b []byte, v any) (trouble, bool) {
	switch v := v.(type) {
	case *StatusResponse:
		return d.doubtCode(b, v.Code)
	case *Tagged:
		return d.doubtCode(b, v.Code)
	case *UnknownData:
		return trouble{at: 2, rule: "response-payload", doubtful: true}, v.Has == 0 && strings.HasPrefix(v.Name, "[")
	case *CapabilityData:
		return doubtCaps(b, v.Caps)
	case *FlagsData:
		return doubtFlags(b, v.Flags)
	case *FetchData:
		return doubtFlags(b, v.Flags)
	}
	return trouble{}, false
}

// doubtCode doubts a code that has a name of the grammar's and is not what the
// grammar has by that name.
func (d *LenientDecoder) doubtCode(b []byte, code ResponseCode) (trouble, bool) {
	switch code := code.(type) {
	case *CodeUnknown:
		var syntax *SyntaxError
		d.Sites(decodeSites[:])
		if at, _ := d.Failure(); at > 0 && errors.As(d.Finish(-1), &syntax) {
			return trouble{at: at, rule: syntax.Rule, doubtful: true}, true
		}
	case *CodeCapability:
		return doubtCaps(b, code.Caps)
	case *CodePermanentFlags:
		return doubtFlags(b, code.Flags)
	}
	return trouble{}, false
}

// doubtCaps doubts a capability "+" or "-".
func doubtCaps(b []byte, caps []Capability) (trouble, bool) {
	for _, c := range caps {
		if c == "+" || c == "-" {
			i := indexFold(b, 0, " LITERAL "+string(c))
			return trouble{at: i + len(" LITERAL "), rule: "capability", doubtful: true}, i >= 0
		}
	}
	return trouble{}, false
}

// doubtFlags doubts a keyword NIL.
func doubtFlags(b []byte, flags FlagSet) (trouble, bool) {
	for _, k := range flags.Other {
		if !strings.EqualFold(k, "NIL") {
			continue
		}
		list := indexFold(b, 0, "FLAGS (")
		if list < 0 {
			break
		}
		for i := list + len("FLAGS ("); i < len(b) && b[i] != ')'; i++ {
			if foldAt(b, i, "NIL") && isGap(b[i-1]) && isGap(b[i+3]) {
				return trouble{at: i, rule: "flag", doubtful: true}, true
			}
		}
	}
	return trouble{}, false
}

// seqOfZero stands for the sequence number 0, which the grammar cannot say.
const seqOfZero = 1<<32 - 1

// restore puts back what the grammar could not say.
func (m *mender) restore(v any) {
	if m.zero {
		if data, ok := v.(*FetchData); ok && data.Seq == seqOfZero {
			data.Seq = 0
		}
	}
	if len(m.keywords) == 0 {
		return
	}
	switch v := v.(type) {
	case *FetchData:
		m.restoreFlags(v.Flags)
	case *FlagsData:
		m.restoreFlags(v.Flags)
	case *StatusResponse:
		if code, ok := v.Code.(*CodePermanentFlags); ok {
			m.restoreFlags(code.Flags)
		}
	case *Tagged:
		if code, ok := v.Code.(*CodePermanentFlags); ok {
			m.restoreFlags(code.Flags)
		}
	}
}

func (m *mender) restoreFlags(s FlagSet) {
	for i, k := range s.Other {
		if was, ok := m.keywords[k]; ok {
			s.Other[i] = was
		}
	}
}

// unitEnd is the index of a unit's final CRLF.
func unitEnd(b []byte) int { return max(0, len(b)-2) }
