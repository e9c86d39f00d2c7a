package message

import (
	"bytes"
	"io"

	"github.com/imapsrv/imapsrv/imap"
	"golang.org/x/text/transform"
)

// Contains reports whether the message matches a search key that has a string (RFC
// 9051 §6.4.4):
//
//   - FROM, TO, CC, BCC: an address of the envelope, as in "Name <mailbox@host>" with
//     the name decoded. SUBJECT: the decoded subject.
//   - BODY: the text parts, also attached ones and those of messages in the message,
//     decoded; other parts and header fields do not count.
//   - TEXT: that and the decoded headers of all parts, with the names of their fields.
//
// Text is compared folded (see [Needle]) and is not otherwise interpreted: HTML is
// searched as it is written. An empty needle is in every message. An error is the reader's.
func (m *Message) Contains(key imap.SearchTextKey, n Needle) (bool, error) {
	if found, known := m.Matches(key, n); known {
		return found, nil
	}
	switch key {
	case imap.SearchTextKeyBody, imap.SearchTextKeyText:
		s := searcher{octets: m.octets, needle: n, headers: key == imap.SearchTextKeyText}
		return s.part(m.root)
	case imap.SearchTextKeyFrom:
		return m.ContainsHeader("From", n)
	case imap.SearchTextKeyTo:
		return m.ContainsHeader("To", n)
	case imap.SearchTextKeyCc:
		return m.ContainsHeader("Cc", n)
	case imap.SearchTextKeyBcc:
		return m.ContainsHeader("Bcc", n)
	default:
		return m.ContainsHeader("Subject", n)
	}
}

// Matches answers as [Message.Contains] does if the summary is enough to tell, which it
// is for all keys but BODY and TEXT as long as the envelope is within the limits of
// this package. Otherwise the answer is not known.
func (s *Summary) Matches(key imap.SearchTextKey, n Needle) (found, known bool) {
	if len(n.folded) == 0 {
		return true, true
	}
	e := s.root.envelope
	switch key {
	case imap.SearchTextKeyFrom:
		found = n.inAddresses(e.From)
	case imap.SearchTextKeyTo:
		found = n.inAddresses(e.To)
	case imap.SearchTextKeyCc:
		found = n.inAddresses(e.Cc)
	case imap.SearchTextKeyBcc:
		found = n.inAddresses(e.Bcc)
	case imap.SearchTextKeySubject:
		found = n.inField(DecodeText(e.Subject.Value))
	default:
		return false, false
	}
	return found, found || !s.root.irregular
}

// inAddresses reports whether one of the addresses has the needle in it.
func (n Needle) inAddresses(list []imap.Address) bool {
	for i := range list {
		if n.inField(addressText(&list[i])) {
			return true
		}
	}
	return false
}

// addressText returns an address or the name of a group as text.
func addressText(a *imap.Address) string {
	if !a.Host.Valid {
		return DecodeText(a.Mailbox.Value)
	}
	address := a.Mailbox.Value
	if a.Host.Value != "" {
		address += "@" + a.Host.Value
	}
	if !a.Name.Valid {
		return address
	}
	return DecodeText(a.Name.Value) + " <" + address + ">"
}

// ContainsHeader reports whether the message matches HEADER: whether its header has a
// field with the given name whose decoded value contains the needle. An empty needle
// is in every field. An error is the reader's.
func (m *Message) ContainsHeader(name string, n Needle) (bool, error) {
	if found, known := m.MatchesHeader(name, n); known {
		return found, nil
	}
	found, lower := false, lowerASCII(name)
	err := eachField(m.octets, m.root.header, func(field, value []byte) bool {
		if equalFold(field, lower) {
			found = n.inField(DecodeText(string(value)))
		}
		return !found
	})
	return found, err
}

// MatchesHeader answers as [Message.ContainsHeader] does if the summary is enough to
// tell, which it is for Message-ID, In-Reply-To, Subject and Date as long as there is
// one such field and it is within the limits. Otherwise the answer is not known.
func (s *Summary) MatchesHeader(name string, n Needle) (found, known bool) {
	e := s.root.envelope
	var value imap.NString
	switch lowerASCII(name) {
	case "message-id":
		value = e.MessageID
	case "in-reply-to":
		value = e.InReplyTo
	case "subject":
		value = e.Subject
	case "date":
		value = e.Date
	default:
		return false, false
	}
	found = value.Valid && n.inField(DecodeText(value.Value))
	return found, found || !s.root.irregular
}

// searcher looks for a needle in the text of a message.
type searcher struct {
	octets  io.ReaderAt
	needle  Needle
	headers bool   // look in headers, too
	folded  []byte // a header field
}

// part looks in p and the parts below it.
func (s *searcher) part(p *part) (bool, error) {
	if s.headers {
		if found, err := s.header(p.header); found || err != nil {
			return found, err
		}
	}
	d, _ := transferDecoder(p.encoding)
	switch {
	case p.kind == nested && d != nil:
		return s.text(p, "") // an encoded message, whose structure is not known
	case p.isText():
		return s.text(p, paramValue(p.params, "charset"))
	}
	for _, c := range p.children {
		if found, err := s.part(c); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// header looks in the fields of a header, each for itself.
func (s *searcher) header(header Range) (found bool, err error) {
	err = eachField(s.octets, header, func(name, value []byte) bool {
		found = s.field(name, value)
		return !found
	})
	return found, err
}

// field looks in one header field. Nearly all are ASCII without encoded words, and
// need no memory of their own.
func (s *searcher) field(name, value []byte) bool {
	if asciiRun(name) < len(name) || asciiRun(value) < len(value) || bytes.Contains(value, []byte("=?")) {
		return s.needle.inField(string(name) + ": " + DecodeText(string(value)))
	}
	s.folded = append(appendLower(s.folded[:0], name), ": "...)
	s.folded = appendLower(s.folded, value)
	if bytes.Contains(s.folded, s.needle.folded) {
		return true
	}
	if bytes.IndexByte(s.folded, '\t') < 0 {
		return false
	}
	for i, c := range s.folded {
		if c == '\t' {
			s.folded[i] = ' '
		}
	}
	return bytes.Contains(s.folded, s.needle.folded)
}

// text looks in the decoded body of p.
func (s *searcher) text(p *part, charset string) (bool, error) {
	if p.body.Len() == 0 {
		return false, nil
	}
	e, _ := lookupCharset(charset)
	source := &sourceReader{source: newDecodedSource(s.octets, p.body, p.encoding, false)}
	r := transform.NewReader(source, charsetDecoder(e))
	f := finder{needle: s.needle.folded}
	buffer := make([]byte, 4<<10)
	for {
		n, err := r.Read(buffer)
		if f.find(buffer[:n], err == io.EOF) {
			return true, nil
		}
		if err == io.EOF || err != nil && source.err == nil {
			return false, nil // the charset decoder gave up
		}
		if err != nil {
			return false, err
		}
	}
}

// finder looks for a folded needle in a text that comes in pieces.
type finder struct {
	needle []byte
	folder folder
	text   []byte // folded
	looked int    // so much of text is known not to have the whole needle
}

// find reports whether the needle is in the text so far; it may need the last piece
// to tell. What is looked through once stays only as far as the needle may start in
// it, and new text waits until there is as much of it, so that the time is linear
// whatever the lengths of needle and pieces.
func (f *finder) find(piece []byte, last bool) bool {
	f.text = f.folder.fold(f.text, piece, last)
	if !last && len(f.text)-f.looked < len(f.needle) {
		return false
	}
	if bytes.Contains(f.text, f.needle) {
		return true
	}
	keep := min(len(f.text), max(len(f.needle)-1, 0))
	f.looked = copy(f.text, f.text[len(f.text)-keep:])
	f.text = f.text[:f.looked]
	return false
}

// sourceReader makes a reader of a source, and keeps its error.
type sourceReader struct {
	source source
	piece  []byte
	err    error
}

// Read implements io.Reader.
func (r *sourceReader) Read(b []byte) (n int, err error) {
	if len(r.piece) == 0 {
		if r.piece, err = r.source.next(); err != nil {
			if err != io.EOF {
				r.err = err
			}
			return 0, err
		}
	}
	n = copy(b, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}
