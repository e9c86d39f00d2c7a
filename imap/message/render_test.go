package message

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// crlf makes CRLF of the line ends of a message in a test.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// parseText parses a message and checks what holds for every message.
func parseText(t testing.TB, text string) *Message {
	t.Helper()
	m := ParseBytes([]byte(text))
	checkInvariants(t, m, text)
	if len(text) < window {
		checkCodec(t, m)
	}
	return m
}

// render writes a body structure or an envelope as a response has it, so that tests can
// be compared with the RFCs.
func render(v any) string {
	switch v := v.(type) {
	case nil:
		return "NIL"
	case string:
		return fmt.Sprintf("%q", v)
	case imap.NString:
		if !v.Valid {
			return "NIL"
		}
		return render(v.Value)
	case uint64:
		return fmt.Sprint(v)
	case []imap.BodyParam:
		var words []any
		for _, p := range v {
			words = append(words, p.Name, p.Value)
		}
		return renderList(words, " ")
	case []string:
		var words []any
		for _, s := range v {
			words = append(words, s)
		}
		return renderList(words, " ")
	case *imap.BodyDisposition:
		if v == nil {
			return "NIL"
		}
		return renderList([]any{v.Type, v.Params}, " ")
	case []imap.Address:
		var list []any
		for _, a := range v {
			list = append(list, a)
		}
		return renderList(list, "")
	case imap.Address:
		return renderList([]any{v.Name, v.Route, v.Mailbox, v.Host}, " ")
	case *imap.Envelope:
		return renderList([]any{v.Date, v.Subject, v.From, v.Sender, v.ReplyTo, v.To, v.Cc, v.Bcc, v.InReplyTo, v.MessageID}, " ")
	case *imap.BodyMultipart:
		var b strings.Builder
		for _, p := range v.Parts {
			b.WriteString(render(p))
		}
		words := []any{v.Subtype}
		if v.Has != 0 {
			words = append(words, v.Params, v.Disposition, v.Languages, v.Location)
		}
		return "(" + b.String() + " " + renderList(words, " ")[1:]
	case *imap.BodyPart:
		return renderPart(v)
	}
	panic(fmt.Sprintf("%T is in no structure", v))
}

func renderPart(v *imap.BodyPart) string {
	words := []any{v.Type, v.Subtype, v.Params, v.ID, v.Description, v.Encoding, v.Octets}
	if v.Envelope != nil {
		words = append(words, v.Envelope, v.Body)
	}
	if v.Has&imap.BodyPartHasLines != 0 {
		words = append(words, v.Lines)
	}
	if v.Has&imap.BodyPartHasMD5 != 0 {
		words = append(words, v.MD5, v.Disposition, v.Languages, v.Location)
	}
	return renderList(words, " ")
}

func renderList(words []any, separator string) string {
	if len(words) == 0 {
		return "NIL"
	}
	var texts []string
	for _, w := range words {
		texts = append(texts, render(w))
	}
	return "(" + strings.Join(texts, separator) + ")"
}

// section parses a section as it is written in FETCH: "1.2.HEADER.FIELDS (A B)".
func section(t testing.TB, s string) imap.Section {
	t.Helper()
	var out imap.Section
	s, fields, _ := strings.Cut(s, " ")
	if fields != "" {
		out.Fields = strings.Fields(strings.Trim(fields, "()"))
	}
	for s != "" {
		word, rest, _ := strings.Cut(s, ".")
		var n uint32
		if _, err := fmt.Sscanf(word, "%d", &n); err == nil {
			out.Part = append(out.Part, n)
			s = rest
			continue
		}
		out.Text = map[string]imap.SectionText{
			"HEADER": imap.SectionTextHeader, "TEXT": imap.SectionTextText, "MIME": imap.SectionTextMIME,
			"HEADER.FIELDS": imap.SectionTextHeaderFields, "HEADER.FIELDS.NOT": imap.SectionTextHeaderFieldsNot,
		}[s]
		if out.Text == 0 {
			t.Fatalf("bad section %q", s)
		}
		break
	}
	return out
}
