package prototype

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// Enc carries what a capability may change in the output.
type Enc struct{ LiteralPlus, UTF8, Rev2 bool }

var digits2 = func() (t [200]byte) {
	for i := 0; i < 100; i++ {
		t[2*i] = byte('0' + i/10)
		t[2*i+1] = byte('0' + i%10)
	}
	return
}()

// appendNum: SWAR itoa below 10^8, one 8-byte store.
func appendNum(dst []byte, v uint64) []byte {
	if v >= 1e8 {
		return strconv.AppendUint(dst, v, 10)
	}
	x := v/10000 | v%10000<<32
	t := (x * 10486) >> 20 & 0x7f0000007f
	x = t | (x-t*100)<<16
	t = (x * 103) >> 10 & 0x000f000f000f000f
	x = t | (x-t*10)<<8
	z := bits.TrailingZeros64(x|1<<56) &^ 7
	x = (x | 0x3030303030303030) >> (uint(z) & 63)
	dst = binary.LittleEndian.AppendUint64(dst, x)
	return dst[:len(dst)-z>>3]
}

// appendString writes quoted, or a literal where the value cannot be quoted.
func (e *Enc) appendString(dst []byte, s Str) []byte {
	k := len(dst)
	dst = append(dst, '"')
	dst = append(dst, s...)
	p := dst[k+1:]
	for i := 0; i+8 <= len(p); i += 8 {
		w := le64(p, i)
		q := w ^ 0x2222222222222222
		c := w ^ 0x5c5c5c5c5c5c5c5c
		if ((q-lo)&^q|(c-lo)&^c|(w-0x2020202020202020)&^w|w)&hi != 0 {
			return e.appendStringSlow(dst[:k], s)
		}
	}
	for i := len(p) &^ 7; i < len(p); i++ {
		if quoteBad[p[i]] {
			return e.appendStringSlow(dst[:k], s)
		}
	}
	return append(dst, '"')
}

var quoteBad = func() (t [256]bool) {
	for i := range t {
		t[i] = i < 0x20 || i >= 0x7f || i == '"' || i == '\\'
	}
	return
}()

func (e *Enc) appendStringSlow(dst []byte, s Str) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == 0 || c == '\r' || c == '\n' || c >= 0x80 && !e.UTF8 {
			dst = append(dst, '{')
			dst = appendNum(dst, uint64(len(s)))
			if e.LiteralPlus {
				dst = append(dst, '+')
			}
			dst = append(dst, '}', '\r', '\n')
			return append(dst, s...)
		}
	}
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
func (e *Enc) appendNString(dst []byte, s Str) []byte {
	if isNil(s) {
		return append(dst, "NIL"...)
	}
	return e.appendString(dst, s)
}
func (e *Enc) appendFlags(dst []byte, f *Flags) []byte {
	dst = append(dst, '(')
	k := len(dst)
	for s := f.Sys; s != 0; s &= s - 1 {
		dst = append(dst, flagNames[tz32(s)]...)
		dst = append(dst, ' ')
	}
	for _, w := range f.Keywords {
		dst = append(dst, w...)
		dst = append(dst, ' ')
	}
	if len(dst) > k {
		dst[len(dst)-1] = ')'
		return dst
	}
	return append(dst, ')')
}
func two(dst []byte, v uint8) []byte {
	return append(dst, digits2[2*int(v%100)], digits2[2*int(v%100)+1])
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

func (e *Enc) appendDateTime(dst []byte, t DateTime) []byte {
	dst = append(dst, '"')
	dst = two(dst, t.Day)
	dst = append(dst, '-')
	m := int(t.Month-1) % 12 * 3
	dst = append(dst, months[m:m+3]...)
	dst = append(dst, '-')
	dst = two(dst, uint8(t.Year/100))
	dst = two(dst, uint8(t.Year%100))
	dst = append(dst, ' ')
	dst = two(dst, t.Hour)
	dst = append(dst, ':')
	dst = two(dst, t.Min)
	dst = append(dst, ':')
	dst = two(dst, t.Sec)
	dst = append(dst, ' ')
	z := t.Zone
	if z < 0 {
		dst = append(dst, '-')
		z = -z
	} else {
		dst = append(dst, '+')
	}
	dst = two(dst, uint8(z/60))
	dst = two(dst, uint8(z%60))
	return append(dst, '"')
}
func (e *Enc) appendAddrs(dst []byte, l []Address) []byte {
	if len(l) == 0 {
		return append(dst, "NIL"...)
	}
	dst = append(dst, '(')
	for i := range l {
		a := &l[i]
		dst = append(dst, '(')
		dst = append(e.appendNString(dst, a.Name), ' ')
		dst = append(e.appendNString(dst, a.Adl), ' ')
		dst = append(e.appendNString(dst, a.Mailbox), ' ')
		dst = append(e.appendNString(dst, a.Host), ')')
	}
	return append(dst, ')')
}
func (e *Enc) appendEnvelope(dst []byte, v *Envelope) []byte {
	dst = append(dst, '(')
	dst = append(e.appendNString(dst, v.Date), ' ')
	dst = append(e.appendNString(dst, v.Subject), ' ')
	dst = append(e.appendAddrs(dst, v.From), ' ')
	dst = append(e.appendAddrs(dst, v.Sender), ' ')
	dst = append(e.appendAddrs(dst, v.ReplyTo), ' ')
	dst = append(e.appendAddrs(dst, v.To), ' ')
	dst = append(e.appendAddrs(dst, v.Cc), ' ')
	dst = append(e.appendAddrs(dst, v.Bcc), ' ')
	dst = append(e.appendNString(dst, v.InReplyTo), ' ')
	return append(e.appendNString(dst, v.MessageID), ')')
}
func (e *Enc) appendParams(dst []byte, l []Param) []byte {
	if len(l) == 0 {
		return append(dst, "NIL"...)
	}
	c := byte('(')
	for i := range l {
		dst = append(dst, c)
		dst = append(e.appendString(dst, l[i].Name), ' ')
		dst = e.appendString(dst, l[i].Value)
		c = ' '
	}
	return append(dst, ')')
}
func (e *Enc) appendExt(dst []byte, x *BodyExt) []byte {
	if x.Level >= 2 {
		dst = append(dst, ' ')
		if isNil(x.Disp.Type) {
			dst = append(dst, "NIL"...)
		} else {
			dst = append(e.appendString(append(dst, '('), x.Disp.Type), ' ')
			dst = append(e.appendParams(dst, x.Disp.Params), ')')
		}
	}
	if x.Level >= 3 {
		dst = append(dst, ' ')
		switch len(x.Lang) {
		case 0:
			dst = append(dst, "NIL"...)
		case 1:
			dst = e.appendString(dst, x.Lang[0])
		default:
			c := byte('(')
			for _, l := range x.Lang {
				dst = e.appendString(append(dst, c), l)
				c = ' '
			}
			dst = append(dst, ')')
		}
	}
	if x.Level >= 4 {
		dst = e.appendNString(append(dst, ' '), x.Loc)
	}
	return dst
}
func (e *Enc) appendBody(dst []byte, v Body) []byte {
	dst = append(dst, '(')
	switch p := v.(type) {
	case *BodyMulti:
		for _, k := range p.Parts {
			dst = e.appendBody(dst, k)
		}
		dst = e.appendString(append(dst, ' '), p.Subtype)
		if p.Ext.Level > 0 {
			dst = e.appendExt(e.appendParams(append(dst, ' '), p.Params), &p.Ext)
		}
	case *BodyPart:
		dst = append(e.appendString(dst, p.Type), ' ')
		dst = append(e.appendString(dst, p.Subtype), ' ')
		dst = append(e.appendParams(dst, p.Params), ' ')
		dst = append(e.appendNString(dst, p.ID), ' ')
		dst = append(e.appendNString(dst, p.Desc), ' ')
		dst = append(e.appendString(dst, p.Enc), ' ')
		dst = appendNum(dst, uint64(p.Octets))
		if p.Kind == PartMessage {
			dst = append(e.appendEnvelope(append(dst, ' '), p.Envelope), ' ')
			dst = e.appendBody(dst, p.Body)
		}
		if p.Kind != PartBasic {
			dst = appendNum(append(dst, ' '), p.Lines)
		}
		if p.Ext.Level > 0 {
			dst = e.appendExt(e.appendNString(append(dst, ' '), p.Ext.MD5), &p.Ext)
		}
	}
	return append(dst, ')')
}

// AppendFetch appends one complete "* n FETCH (...)" line.
func (e *Enc) AppendFetch(dst []byte, m *FetchData) []byte {
	dst = append(dst, "* "...)
	dst = appendNum(dst, uint64(m.Seq))
	dst = append(dst, " FETCH ("...)
	if m.Has&HasUID != 0 {
		dst = append(appendNum(append(dst, "UID "...), uint64(m.UID)), ' ')
	}
	if m.Has&HasFlags != 0 {
		dst = append(e.appendFlags(append(dst, "FLAGS "...), &m.Flags), ' ')
	}
	if m.Has&HasInternalDate != 0 {
		dst = append(e.appendDateTime(append(dst, "INTERNALDATE "...), m.InternalDate), ' ')
	}
	if m.Has&HasSize != 0 {
		dst = append(appendNum(append(dst, "RFC822.SIZE "...), m.Size), ' ')
	}
	if m.Has&HasModSeq != 0 {
		dst = append(appendNum(append(dst, "MODSEQ ("...), m.ModSeq), ") "...)
	}
	if m.Has&HasEnvelope != 0 {
		dst = append(e.appendEnvelope(append(dst, "ENVELOPE "...), m.Envelope), ' ')
	}
	if m.Has&HasBodyStructure != 0 {
		dst = append(e.appendBody(append(dst, "BODYSTRUCTURE "...), m.Body), ' ')
	}
	dst[len(dst)-1] = ')'
	return append(dst, '\r', '\n')
}

// AppendSearch appends "* SEARCH n n n".
func (e *Enc) AppendSearch(dst []byte, s *SearchData) []byte {
	dst = append(dst, "* SEARCH"...)
	for _, n := range s.Nums {
		dst = appendNum(append(dst, ' '), uint64(n))
	}
	if s.ModSeq != 0 {
		dst = append(appendNum(append(dst, " (MODSEQ "...), s.ModSeq), ')')
	}
	return append(dst, '\r', '\n')
}

// AppendFetchCmd is the client's side.
func (e *Enc) AppendFetchCmd(dst []byte, tag string, c *Fetch) []byte {
	dst = append(append(dst, tag...), ' ')
	if c.UID {
		dst = append(dst, "UID "...)
	}
	dst = append(dst, "FETCH "...)
	dst = appendSet(dst, c.Set)
	dst = append(dst, " ("...)
	for i := range c.Atts {
		a := &c.Atts[i]
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, attNames[a.Kind]...)
		if a.Kind == AttBodySection {
			if a.Peek {
				dst = append(dst, ".PEEK"...)
			}
			dst = append(dst, '[')
			for j, n := range a.Section.Part {
				if j > 0 {
					dst = append(dst, '.')
				}
				dst = appendNum(dst, uint64(n))
			}
			if len(a.Section.Part) > 0 && a.Section.Text != SecNone {
				dst = append(dst, '.')
			}
			dst = append(dst, secNames[a.Section.Text]...)
			if a.Section.Fields != nil {
				c := byte('(')
				dst = append(dst, ' ')
				for _, f := range a.Section.Fields {
					dst = append(append(dst, c), f...)
					c = ' '
				}
				dst = append(dst, ')')
			}
			dst = append(dst, ']')
		}
	}
	return append(dst, ")\r\n"...)
}

var attNames = [...]string{"ENVELOPE", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "UID", "BODY", "BODYSTRUCTURE", "BODY", "BINARY", "BINARY.SIZE", "MODSEQ", "RFC822", "RFC822.HEADER", "RFC822.TEXT", "PREVIEW", "EMAILID", "THREADID", "SAVEDATE"}
var secNames = [...]string{"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"}

func appendSet(dst []byte, s []SeqRange) []byte {
	for i, r := range s {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendSeq(dst, r.Lo)
		if r.Hi != r.Lo {
			dst = appendSeq(append(dst, ':'), r.Hi)
		}
	}
	return dst
}
func appendSeq(dst []byte, n uint32) []byte {
	if n == 0 {
		return append(dst, '*')
	}
	return appendNum(dst, uint64(n))
}
