package wire

import "strings"

// A Partial is the beginning of something that the grammar has, and the site of
// what goes on behind it.
type Partial struct {
	Text string
	Site Site
}

// FailWord is Fail for a unit that does not go on at i as it should. Where the
// longest of the beginnings is there, the unit is wrong behind it.
func (d *Dec) FailWord(b Octets, i int, partials []Partial, site Site) int {
	at := i
	for _, p := range partials {
		if j := i + len(p.Text); j > at && j <= d.end && strings.EqualFold(b.text(i, j), p.Text) && wordEnd(b, j) {
			at, site = j, p.Site
		}
	}
	return d.Fail(at, site)
}

// wordEnd reports whether no keyword goes on at j.
func wordEnd(b Octets, j int) bool { return !isWord(b.At(j-1)) || !isWord(b.At(j)) }

// isWord reports whether keywords consist of such octets.
func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}

// Skipped is the site of a failure at i behind something that may be left out.
// It was, where the octet before i is the one before it.
func Skipped(b Octets, i int, before byte, skipped, site Site) Site {
	if i > 0 && b.At(i-1) == before {
		return skipped
	}
	return site
}
