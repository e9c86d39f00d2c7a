package message

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// mediaType is the value of a Content-Type field, or of a Content-Disposition field
// (which has no subtype).
type mediaType struct {
	typ, subtype string
	params       []imap.BodyParam
}

// is reports whether the type is typ, in lower case, of any subtype.
func (m *mediaType) is(typ string) bool { return strings.EqualFold(m.typ, typ) }

// paramValue returns the value of the first parameter with the given name, also if
// it was written with a charset.
func paramValue(params []imap.BodyParam, name string) string {
	for _, p := range params {
		if strings.EqualFold(strings.TrimSuffix(p.Name, "*"), name) {
			return p.Value
		}
	}
	return ""
}

// parseContentType reads a Content-Type field (RFC 2045 §5.1). What has no type and
// subtype is text/plain (§5.2) with the parameters it has.
func parseContentType(s string) mediaType {
	var m mediaType
	i := skipComments(s, 0)
	end := until(s, i, " \t;(/")
	m.typ = s[i:end]
	i = skipComments(s, end)
	slash := i < len(s) && s[i] == '/'
	if slash {
		i = skipComments(s, i+1)
		end = until(s, i, " \t;(")
		m.subtype = s[i:end]
		i = end
	}
	m.parseParams(s, i)
	m.complete(slash)
	return m
}

// complete gives defaults to what is missing.
func (m *mediaType) complete(slash bool) {
	switch {
	case m.typ != "" && m.subtype != "":
	case slash && m.is("multipart"):
		m.subtype = "MIXED"
	default:
		m.typ, m.subtype = "TEXT", "PLAIN"
	}
}

// parseDisposition reads a Content-Disposition field (RFC 2183 §2). Without a type it
// is an attachment.
func parseDisposition(s string) *imap.BodyDisposition {
	var m mediaType
	i := skipComments(s, 0)
	end := until(s, i, " \t;(")
	m.typ = s[i:end]
	if m.typ == "" {
		m.typ = "attachment"
	}
	m.parseParams(s, end)
	return &imap.BodyDisposition{Type: m.typ, Params: m.params}
}

// parseParams reads the parameters that follow at i, each after a semicolon.
func (m *mediaType) parseParams(s string, i int) {
	var raw []param
	for len(raw) < MaxParams {
		i = until(s, i, ";(")
		if i < len(s) && s[i] == '(' {
			i = endOfComment(s, i)
			continue
		}
		if i >= len(s) {
			break
		}
		var p param
		if p, i = parseParam(s, i+1); p.name != "" {
			raw = append(raw, p)
		}
	}
	m.params = joinParams(raw)
}

// param is a parameter as it is written.
type param struct {
	name, value string
}

// parseParam reads one parameter and returns where it ends. One that is no parameter
// has no name.
func parseParam(s string, i int) (param, int) {
	i = skipComments(s, i)
	end := until(s, i, " \t;=(")
	p := param{name: s[i:end]}
	i = skipComments(s, end)
	if i >= len(s) || s[i] != '=' {
		return param{}, i
	}
	i = skipComments(s, i+1)
	if i < len(s) && s[i] == '"' {
		p.value, i = quotedString(s, i)
		return p, i
	}
	p.value, i = looseValue(s, i)
	return p, i
}

// looseValue reads a value without quotes: a token, or what many write in its place,
// such as a file name with spaces. A comment must have white space in front of it,
// since file names have parentheses, too.
func looseValue(s string, i int) (string, int) {
	end := until(s, i, ";")
	value := s[i:end]
	for n := 0; n < len(value); n++ {
		if value[n] == '(' && n > 0 && isSpace(value[n-1]) {
			return strings.Trim(value[:n], " \t"), i + n
		}
	}
	return strings.Trim(value, " \t"), end
}

// languages reads a Content-Language field (RFC 3282 §2): tags with commas between them.
func languages(s string) []string {
	var tags []string
	for i := 0; i < len(s) && len(tags) < MaxParams; {
		i = skipComments(s, i)
		end := until(s, i, ",( \t")
		if end > i {
			tags = append(tags, s[i:end])
		}
		if i = end; i < len(s) && s[i] == ',' {
			i++
		}
	}
	return tags
}

// firstToken returns the first token of s, which is all of a
// Content-Transfer-Encoding field (RFC 2045 §6.1).
func firstToken(s string) string {
	i := skipComments(s, 0)
	if i < len(s) && s[i] == '"' {
		token, _ := quotedString(s, i)
		return strings.Trim(token, " \t")
	}
	return s[i:until(s, i, " \t;(")]
}
