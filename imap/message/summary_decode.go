package message

import (
	"encoding/binary"

	"github.com/imapsrv/imapsrv/imap"
)

// UnmarshalBinary reads what MarshalBinary wrote. The error is [ErrSummaryVersion] or
// [ErrSummary]; s is not changed then. Data from elsewhere is read safely: all places are
// within the message, and what is allocated is bounded by the length of data.
func (s *Summary) UnmarshalBinary(data []byte) error { return s.unmarshal(data, nil) }

// SummaryReader reads stored summaries one after the other, for those who look at each
// only once: it uses the memory of one for the next. The zero value is ready.
type SummaryReader struct {
	summary Summary
	room    room
}

// Read is UnmarshalBinary. The summary, and all that its methods return, is only valid
// until the next call.
func (r *SummaryReader) Read(data []byte) (*Summary, error) {
	r.room.reuse()
	if err := r.summary.unmarshal(data, &r.room); err != nil {
		return nil, err
	}
	return &r.summary, nil
}

// unmarshal is UnmarshalBinary with memory from m, which may be nil.
func (s *Summary) unmarshal(data []byte, m *room) error {
	if len(data) == 0 {
		return ErrSummary
	}
	if data[0] != SummaryVersion {
		return ErrSummaryVersion
	}
	d := summaryDecoder{s: string(data[1:]), room: m}
	if m == nil {
		d.room = new(room)
	}
	size := d.length()
	d.makeRoom()
	root := d.part(Range{0, size}, 1)
	if d.bad || d.s != "" || root.envelope == nil || root.header.Start != 0 || root.body.End != size {
		return ErrSummary
	}
	s.size, s.root, s.room = size, root, m
	return nil
}

// summaryDecoder reads the binary form from s. After an error it is bad and all it
// gives is empty. What it makes is taken from a few slices made at the start.
type summaryDecoder struct {
	s     string
	bad   bool
	room  *room
	parts []part
	links []*part
	addrs []imap.Address
	pairs []imap.BodyParam
}

// The least numbers of octets that a part, an address and a parameter take.
const (
	minPart    = 14
	minAddress = 4
	minParam   = 2
)

// makeRoom reads how much there is of everything.
func (d *summaryDecoder) makeRoom() {
	parts, addresses, params := d.count(minPart), d.count(minAddress), d.count(minParam)
	d.parts = d.room.parts.take(parts)
	d.links = d.room.links.take(parts)
	d.addrs = d.room.addrs.take(addresses)
	d.pairs = d.room.pairs.take(params)
}

// take cuts n elements off a slice, of which it makes the decoder bad to want more
// than there are.
func take[T any](d *summaryDecoder, from *[]T, n int) []T {
	if n > len(*from) {
		d.fail()
	}
	if d.bad || n == 0 {
		return nil
	}
	taken := (*from)[:n:n]
	*from = (*from)[n:]
	return taken
}

// fail makes the decoder bad.
func (d *summaryDecoder) fail() { d.s, d.bad = "", true }

// number reads a number.
func (d *summaryDecoder) number() uint64 {
	if len(d.s) > 0 && d.s[0] < 0x80 {
		n := uint64(d.s[0])
		d.s = d.s[1:]
		return n
	}
	var b [binary.MaxVarintLen64]byte
	v, n := binary.Uvarint(b[:copy(b[:], d.s)])
	if n <= 0 {
		d.fail()
		return 0
	}
	d.s = d.s[n:]
	return v
}

// length reads a number of octets of the message.
func (d *summaryDecoder) length() int64 {
	n := d.number()
	if n > 1<<62 {
		d.fail()
		return 0
	}
	return int64(n)
}

// count reads how many elements follow, each of at least the given number of octets.
func (d *summaryDecoder) count(octets int) int {
	n := d.number()
	if n > uint64(len(d.s)/octets) {
		d.fail()
		return 0
	}
	return int(n)
}

// text cuts off n octets.
func (d *summaryDecoder) text(n uint64) string {
	if n > uint64(len(d.s)) {
		d.fail()
		return ""
	}
	text := d.s[:n]
	d.s = d.s[n:]
	return text
}

func (d *summaryDecoder) string() string { return d.text(d.number()) }

func (d *summaryDecoder) nstring() imap.NString {
	n := d.number()
	if n == 0 {
		return imap.NString{}
	}
	return imap.NString{Value: d.text(n - 1), Valid: true}
}

func (d *summaryDecoder) params() []imap.BodyParam {
	list := take(d, &d.pairs, d.count(minParam))
	for i := range list {
		list[i] = imap.BodyParam{Name: d.string(), Value: d.string()}
	}
	return list
}

// part reads a part that lies within the given range, at the given depth.
func (d *summaryDecoder) part(within Range, depth int) *part {
	room := take(d, &d.parts, 1)
	if d.s == "" || depth > MaxDepth {
		d.fail()
	}
	if d.bad {
		return new(part)
	}
	p := &room[0]
	flags := d.s[0]
	d.s = d.s[1:]
	d.place(p, within)
	p.kind = kind(flags & partKind)
	p.irregular = flags&partIrregular != 0
	p.typ, p.subtype, p.encoding = d.string(), d.string(), d.string()
	p.params = d.params()
	p.id, p.description, p.md5, p.location = d.nstring(), d.nstring(), d.nstring(), d.nstring()
	if n := d.count(1); n > 0 {
		p.languages = make([]string, n)
		for i := range p.languages {
			p.languages[i] = d.string()
		}
	}
	if flags&partDisposed != 0 {
		p.disposition = &imap.BodyDisposition{Type: d.string(), Params: d.params()}
	}
	if flags&partMessage != 0 {
		p.envelope = d.envelope()
	}
	if flags > partKnownFlags || p.kind > nested {
		d.fail()
	}
	d.children(p, depth)
	return p
}

// place reads where p is.
func (d *summaryDecoder) place(p *part, within Range) {
	skip, header, body := d.length(), d.length(), d.length()
	p.lines = d.number()
	room := within.Len()
	if skip > room || header > room-skip || body > room-skip-header || p.lines > uint64(body) {
		d.fail()
		return
	}
	p.header.Start = within.Start + skip
	p.header.End = p.header.Start + header
	p.body = Range{p.header.End, p.header.End + body}
}

// children reads the parts of p.
func (d *summaryDecoder) children(p *part, depth int) {
	n := 0
	switch p.kind {
	case leaf:
		return
	case nested:
		n = 1
	case multipart:
		if n = d.count(minPart); n == 0 {
			d.fail()
			return
		}
	}
	p.children = take(d, &d.links, n)
	within := p.body
	for i := range p.children {
		c := d.part(within, depth+1)
		if p.kind == nested && c.envelope == nil {
			d.fail()
		}
		p.children[i] = c
		within.Start = c.body.End
		if d.bad {
			return
		}
	}
}

func (d *summaryDecoder) envelope() *imap.Envelope {
	v := &d.room.envelopes.take(1)[0]
	*v = imap.Envelope{
		Date:      d.nstring(),
		Subject:   d.nstring(),
		InReplyTo: d.nstring(),
		MessageID: d.nstring(),
		From:      d.addresses(),
	}
	v.Sender = d.senders(v.From)
	v.ReplyTo = d.senders(v.From)
	v.To = d.addresses()
	v.Cc = d.addresses()
	v.Bcc = d.addresses()
	return v
}

func (d *summaryDecoder) senders(from []imap.Address) []imap.Address {
	if d.number() == 0 {
		return from
	}
	return d.addresses()
}

func (d *summaryDecoder) addresses() []imap.Address {
	list := take(d, &d.addrs, d.count(minAddress))
	for i := range list {
		list[i] = imap.Address{Name: d.nstring(), Route: d.nstring(), Mailbox: d.nstring(), Host: d.nstring()}
	}
	return list
}
