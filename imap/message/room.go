package message

import "github.com/imapsrv/imapsrv/imap"

// room is memory for summaries, to be used again. A nil room makes everything anew.
type room struct {
	parts      slab[part]
	links      slab[*part]
	addrs      slab[imap.Address]
	pairs      slab[imap.BodyParam]
	envelopes  slab[imap.Envelope]
	bodies     slab[imap.Body]
	bodyParts  slab[imap.BodyPart]
	multiparts slab[imap.BodyMultipart]
}

// reuse gives all the memory back.
func (m *room) reuse() {
	m.parts.used, m.links.used, m.addrs.used, m.pairs.used = 0, 0, 0, 0
	m.envelopes.used, m.bodies.used, m.bodyParts.used, m.multiparts.used = 0, 0, 0, 0
}

func (m *room) newBodies(n int) []imap.Body {
	if m == nil {
		return make([]imap.Body, n)
	}
	return m.bodies.take(n)
}

func (m *room) newPart() *imap.BodyPart {
	if m == nil {
		return new(imap.BodyPart)
	}
	return &m.bodyParts.take(1)[0]
}

func (m *room) newMultipart() *imap.BodyMultipart {
	if m == nil {
		return new(imap.BodyMultipart)
	}
	return &m.multiparts.take(1)[0]
}

// slab is some elements, of which the first are used.
type slab[T any] struct {
	all  []T
	used int
}

// take returns n elements that are zero. Those that were taken before stay where they are.
func (s *slab[T]) take(n int) []T {
	if n > len(s.all)-s.used {
		s.all, s.used = make([]T, max(n, 2*s.used)), 0
	}
	taken := s.all[s.used : s.used+n : s.used+n]
	s.used += n
	clear(taken)
	return taken
}
