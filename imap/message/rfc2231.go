package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// segment is one piece of a parameter that is written as name*0, name*1*, … (RFC 2231 §3, §4).
type segment struct {
	index    int
	extended bool // percent-encoded; the first one starts with charset'language'
	value    string
}

// segmentName splits the name of a parameter into that of the whole parameter and the
// place of the piece in it. It is not ok for a plain name.
func segmentName(name string) (base string, s segment, ok bool) {
	base, s.extended = strings.CutSuffix(name, "*")
	star := strings.LastIndexByte(base, '*')
	if star < 0 {
		return base, s, s.extended && base != ""
	}
	n, err := strconv.ParseUint(base[star+1:], 10, 16)
	if err != nil || star == 0 {
		return name, segment{}, false
	}
	s.index = int(n)
	return base[:star], s, true
}

// joinParams joins the pieces of continued parameters and decodes them, as RFC 9051
// §7.5.2 wants BODYSTRUCTURE to have them: name*0, name*1 become "name", and with
// charsets name*0*, name*1* become "name*", in UTF-8. A parameter stands where its
// first piece was.
func joinParams(raw []param) []imap.BodyParam {
	if len(raw) == 0 {
		return nil
	}
	params := make([]imap.BodyParam, 0, len(raw))
	groups := make(map[string][]segment)
	places := make(map[int]string) // where the parameters of groups belong
	for _, p := range raw {
		base, s, ok := segmentName(p.name)
		if !ok {
			params = append(params, imap.BodyParam{Name: p.name, Value: p.value})
			continue
		}
		s.value = p.value
		key := strings.ToLower(base)
		if groups[key] == nil {
			places[len(params)] = key
			params = append(params, imap.BodyParam{Name: base})
		}
		groups[key] = append(groups[key], s)
	}
	for i, key := range places {
		params[i] = joined(params[i].Name, groups[key])
	}
	return params
}

// joined puts the pieces of a parameter together. Of pieces with the same number the
// first counts, and nothing behind a missing number.
func joined(base string, segments []segment) imap.BodyParam {
	slices.SortStableFunc(segments, func(a, b segment) int { return cmp.Compare(a.index, b.index) })
	var octets []byte
	charset, extended, next := "", false, segments[0].index
	for i, s := range segments {
		if s.index < next {
			continue
		}
		if s.index > next {
			break
		}
		next++
		if !s.extended {
			octets = append(octets, s.value...)
			continue
		}
		extended = true
		if i == 0 {
			charset, s.value = cutCharset(s.value)
		}
		octets = appendPercentDecoded(octets, s.value)
	}
	if !extended {
		return imap.BodyParam{Name: base, Value: string(octets)}
	}
	text, _ := ToUTF8(charset, octets)
	return imap.BodyParam{Name: base + "*", Value: clean([]byte(text))}
}

// cutCharset splits charset'language'text.
func cutCharset(s string) (charset, text string) {
	charset, rest, ok := strings.Cut(s, "'")
	if !ok {
		return "", s
	}
	if _, text, ok = strings.Cut(rest, "'"); !ok {
		return "", s
	}
	return charset, text
}

// appendPercentDecoded appends s with %XX replaced by the octet it stands for.
func appendPercentDecoded(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hexValue(s[i+1]), hexValue(s[i+2])
			if hi >= 0 && lo >= 0 {
				dst = append(dst, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}

// hexValue returns the value of a hexadecimal digit, -1 if c is none.
func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
