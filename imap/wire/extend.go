package wire

// Extend adds a zero element to a list that the arena gave out before: in
// place where nothing came between, otherwise in a copy. It returns the list.
func (a *Arena[T]) Extend(d *Dec, list []T) []T {
	m := a.Mark(d)
	n := len(list)
	start := m - n
	if n > 0 && (start < 0 || &a.buf[m-1] != &list[n-1]) {
		start = m
		a.buf = append(a.buf, list...)
	}
	a.PushNew()
	return a.Take(start)
}
