package grammar

import (
	"strconv"
	"strings"
)

// charVal reads a string (RFC 5234 §2.3, RFC 7405 §2.1).
func (b *builder) charVal(pos Pos, s string) *Node {
	n := &Node{Op: Literal}
	prefix, text, _ := strings.Cut(s, `"`)
	switch prefix {
	case "", "%i", "%I":
	case "%s", "%S":
		n.Exact = true
	default:
		b.add(pos, b.rname, "unknown string prefix %q; use %%s for case-sensitive text, or none", prefix)
	}
	text, closed := strings.CutSuffix(text, `"`)
	if !closed {
		b.add(pos, b.rname, "the string %s has no closing quote on its line; add one", s)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
		b.add(pos, b.rname, "the string %s holds an octet that ABNF strings cannot; write it as %%x…", s)
	}
	n.Text = text
	return n
}

// numVal reads a value, a concatenation of values or a range (RFC 5234 §2.3, §3.4).
func (b *builder) numVal(pos Pos, s string) *Node {
	bases := map[string]int{"%x": 16, "%d": 10, "%b": 2}
	base := bases[strings.ToLower(s[:min(2, len(s))])]
	if base == 0 {
		b.add(pos, b.rname, "%q is no number; write %%x…, %%d… or %%b…", s)
		return &Node{Op: Literal}
	}
	lo, hi, isRange := strings.Cut(s[2:], "-")
	if isRange {
		return b.byteRange(pos, s, lo, hi, base)
	}
	parts := strings.Split(s[2:], ".")
	if len(parts) == 1 {
		c, _ := b.octet(pos, s, parts[0], base)
		return &Node{Op: Class, Set: ByteRange(c, c)}
	}
	text := make([]byte, len(parts))
	for i, p := range parts {
		text[i], _ = b.octet(pos, s, p, base)
	}
	return &Node{Op: Literal, Text: string(text), Exact: true}
}

func (b *builder) byteRange(pos Pos, s, from, to string, base int) *Node {
	lo, ok1 := b.octet(pos, s, from, base)
	hi, ok2 := b.octet(pos, s, to, base)
	if ok1 && ok2 && lo > hi {
		b.add(pos, b.rname, "%q is an empty range; swap its ends", s)
	}
	return &Node{Op: Class, Set: ByteRange(lo, hi)}
}

// octet reads one number of the value s.
func (b *builder) octet(pos Pos, s, digits string, base int) (c byte, ok bool) {
	v, err := strconv.ParseUint(digits, base, 8)
	if err != nil {
		b.add(pos, b.rname, "%q in %q is no octet; write a number of base %d up to %s", digits, s, base,
			strconv.FormatUint(255, base))
	}
	return byte(v), err == nil
}
