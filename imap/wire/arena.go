package wire

import "unsafe"

// largeArena is the size in octets from which storage is given up after the
// unit that needed it.
const largeArena = 64 << 10

// Sizes in octets of the chunks of storage: the first is small, for there are many
// idle decoders; later ones double, so that a busy one seldom allocates. An
// owned value keeps its chunk alive.
const (
	firstChunk = 512
	mostChunk  = 8 << 10
)

// nextChunk is the number of elements to follow a chunk of last ones.
func nextChunk(last, size int) int {
	size = max(1, size)
	return min(max(2*last, firstChunk/size, 4), max(mostChunk/size, 4))
}

// carving says what an Arena or Slab may do with its storage in a new unit:
// use it again where values are borrowed, go on behind it where they are owned.
type carving struct {
	unit uint32
	// spent storage is not used again: values that outlive their unit are in
	// it, or it is too large to keep.
	spent bool
}

// turn moves on to d's unit and returns the first element that may be used:
// n elements were in use. It returns -1 where the storage must be left alone.
func (c *carving) turn(d *Dec, n int) int {
	c.unit = d.unit
	was := c.spent
	c.spent = !d.Borrow
	switch {
	case c.spent:
		return n
	case was:
		return -1
	}
	return 0
}

// An Arena stores the lists of T of a unit, one after the other. Lists of
// elements that hold such lists themselves are gathered in a Stack first.
//
//	m := arena.Mark(&d.Dec)
//	… arena.Push(v) … arena.Push(v) …
//	list := arena.Take(m)
type Arena[T any] struct {
	buf   []T
	chunk int // elements of the last chunk
	carving
}

// Mark begins a list.
func (a *Arena[T]) Mark(d *Dec) int {
	n := len(a.buf)
	if a.unit != d.unit { // a conditional move: nothing foretells whether a unit has used the arena
		n = 0
	}
	if a.spent || !d.Borrow || uint(cap(a.buf)-minRoom) > uint(largeArena/sizeOf[T]()-minRoom) {
		return a.turnTo(d)
	}
	a.unit, a.buf = d.unit, a.buf[:n]
	return n
}

// turnTo is Mark where the storage cannot just be used again.
func (a *Arena[T]) turnTo(d *Dec) int {
	if a.unit != d.unit {
		a.renew(d)
	}
	return len(a.buf)
}

func (a *Arena[T]) renew(d *Dec) {
	switch n := a.turn(d, len(a.buf)); {
	case n < 0 || cap(a.buf)*sizeOf[T]() > largeArena:
		a.buf = nil
	case n > 0:
		a.buf = a.buf[n:]
	default:
		a.buf = a.buf[:0]
	}
	if cap(a.buf)-len(a.buf) < minRoom {
		a.growBy(minRoom)
	}
}

// minRoom is the number of elements that there is room for when a unit begins
// to use an arena, so that chunks are not small however little is left of the
// last one.
const minRoom = 4

// Push adds an element to the open list.
func (a *Arena[T]) Push(v T) { a.buf = append(a.buf, v) }

// PushNew adds a zero element to the open list and returns it. The pointer is
// good until the next element is added.
func (a *Arena[T]) PushNew() *T {
	n := len(a.buf)
	if n == cap(a.buf) {
		a.growBy(1)
	}
	a.buf = a.buf[:n+1]
	p := &a.buf[n]
	var zero T // cleared in place, where append would copy it from the stack
	*p = zero
	return p
}

// growBy makes room for n more elements. It moves the unit's lists to a larger
// chunk where it has to.
func (a *Arena[T]) growBy(n int) {
	used := len(a.buf)
	if used+n <= cap(a.buf) {
		return
	}
	a.chunk = nextChunk(a.chunk, sizeOf[T]())
	buf := make([]T, used, max(2*used, used+n, a.chunk))
	copy(buf, a.buf)
	a.buf = buf
}

// pushAll adds elements to the open list.
func (a *Arena[T]) pushAll(v []T) {
	if cap(a.buf)-len(a.buf) < len(v) {
		a.growBy(len(v))
	}
	a.buf = append(a.buf, v...)
}

// Take ends the list begun at the mark. It is nil where nothing was added.
func (a *Arena[T]) Take(mark int) []T {
	n := len(a.buf)
	if mark == n {
		return nil
	}
	return a.buf[mark:n:n]
}

// Drop forgets the list begun at the mark.
func (a *Arena[T]) Drop(mark int) { a.buf = a.buf[:mark] }

// Empty reports whether nothing was added to the list begun at the mark.
func (a *Arena[T]) Empty(mark int) bool { return mark == len(a.buf) }

// A Stack stores lists of elements that hold such lists themselves. Elements
// wait until their list is complete. An outermost list, which most lists are, stays
// where it is then; lists within others move out of their way.
type Stack[T any] struct {
	open  Arena[T]
	inner Arena[T]
	depth int // lists that are open
}

// Mark begins a list within the open ones.
func (s *Stack[T]) Mark(d *Dec) int {
	if s.open.unit != d.unit {
		s.depth = 0 // whatever failed left its lists open
	}
	if s.depth++; s.depth > 1 {
		s.inner.Mark(d)
		return len(s.open.buf)
	}
	return s.open.Mark(d)
}

// Push adds an element to the innermost open list.
func (s *Stack[T]) Push(v T) { s.open.buf = append(s.open.buf, v) }

// Empty reports whether nothing was added to the list begun at the mark.
func (s *Stack[T]) Empty(mark int) bool { return s.open.Empty(mark) }

// Take ends the innermost list, which began at the mark. It is nil where
// nothing was added.
func (s *Stack[T]) Take(mark int) []T {
	if s.depth--; s.depth > 0 {
		return s.move(mark)
	}
	return s.open.Take(mark)
}

// move takes a list that is within another one.
func (s *Stack[T]) move(mark int) []T {
	m := len(s.inner.buf)
	s.inner.pushAll(s.open.buf[mark:])
	s.open.Drop(mark)
	return s.inner.Take(m)
}

// A Slab stores single values of T.
type Slab[T any] struct {
	buf []T
	n   int
	carving
}

// New returns a zero T.
func (s *Slab[T]) New(d *Dec) *T {
	n := s.n
	if s.unit != d.unit { // a conditional move, as in Arena.Mark
		n = 0
	}
	if s.spent || !d.Borrow || n >= len(s.buf) {
		return s.more(d)
	}
	return s.at(d, n)
}

// at clears a value and gives it out.
func (s *Slab[T]) at(d *Dec, n int) *T {
	s.unit, s.n = d.unit, n+1
	p := &s.buf[n]
	var zero T
	*p = zero
	return p
}

// more is New where the value cannot just be the one behind the last.
func (s *Slab[T]) more(d *Dec) *T {
	if s.unit != d.unit {
		s.turnTo(d)
	}
	if s.n >= len(s.buf) {
		s.grow()
	}
	return s.at(d, s.n)
}

func (s *Slab[T]) turnTo(d *Dec) {
	if s.n = s.turn(d, s.n); s.n < 0 {
		s.buf, s.n = nil, 0
	}
}

// grow makes room for more values; those that have been given out stay where they are.
func (s *Slab[T]) grow() {
	size := max(1, sizeOf[T]())
	n := max(2*len(s.buf), 4)
	if s.spent {
		n = nextChunk(len(s.buf), size)
	}
	s.spent = s.spent || n*size > largeArena
	s.buf, s.n = make([]T, n), 0
}

// A Single stores values of T of which a unit has at most one.
type Single[T any] struct{ slab Slab[T] }

// New returns a zero T, and the same one for each unit where values are borrowed.
func (s *Single[T]) New(d *Dec) *T {
	if s.slab.spent || !d.Borrow || len(s.slab.buf) == 0 {
		return s.first(d)
	}
	p := &s.slab.buf[0]
	var zero T
	*p = zero
	return p
}

// first is New where the value is not the one of the last unit.
func (s *Single[T]) first(d *Dec) *T {
	if s.slab.buf == nil && d.Borrow {
		s.slab.buf = make([]T, 1)
	}
	return s.slab.New(d)
}

// sizeOf is the size of a T in octets, at least 1.
func sizeOf[T any]() int {
	var zero T
	return max(1, int(unsafe.Sizeof(zero)))
}
