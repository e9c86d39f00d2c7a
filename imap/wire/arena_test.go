package wire

import (
	"slices"
	"testing"
)

type node struct {
	name string
	kids []node
}

// begin starts a unit that is empty.
func begin(t *testing.T, d *Dec) {
	t.Helper()
	if _, err := d.Begin(Frame{Bytes: []byte("\r\n")}); err != nil {
		t.Fatal(err)
	}
}

func TestArenaLists(t *testing.T) {
	for _, borrow := range []bool{true, false} {
		d := Dec{Borrow: borrow}
		var a Arena[int]
		var kept [][]int
		for k := range 100 {
			begin(t, &d)
			var lists [][]int
			for n := range 20 {
				m := a.Mark(&d)
				for i := range n {
					a.Push(k*1000 + n*30 + i)
				}
				*a.PushNew() = -1
				lists = append(lists, a.Take(m))
			}
			for n, l := range lists {
				if len(l) != n+1 || cap(l) != n+1 || l[n] != -1 || n > 0 && l[0] != k*1000+n*30 {
					t.Fatal(borrow, n, l)
				}
			}
			kept = append(kept, lists[7])
		}
		for k, l := range kept {
			if !borrow && !slices.Equal(l[:2], []int{k*1000 + 210, k*1000 + 211}) {
				t.Fatal(k, l)
			}
		}
		m := a.Mark(&d)
		a.Push(1)
		a.Drop(m)
		if a.Take(m) != nil {
			t.Error("an empty list is not nil")
		}
	}
}

// tree builds the lists of a node the way decoders do.
func tree(s *Stack[node], d *Dec, depth int) []node {
	m := s.Mark(d)
	for i := range depth {
		kids := tree(s, d, depth-1)
		s.Push(node{string(rune('a' + i)), kids})
	}
	return s.Take(m)
}

func count(ns []node, depth int) (n int, ok bool) {
	ok = len(ns) == depth
	for i, k := range ns {
		m, good := count(k.kids, depth-1)
		n += m + 1
		ok = ok && good && k.name == string(rune('a'+i))
	}
	return n, ok
}

func TestStackOfNestedLists(t *testing.T) {
	for _, borrow := range []bool{true, false} {
		d := Dec{Borrow: borrow}
		var s Stack[node]
		begin(t, &d)
		first := tree(&s, &d, 5)
		for range 50 {
			begin(t, &d)
			if n, ok := count(tree(&s, &d, 4), 4); !ok || n != 64 {
				t.Fatal(n, ok)
			}
		}
		if n, ok := count(first, 5); !borrow && (!ok || n != 325) {
			t.Error(n, ok)
		}
		m := s.Mark(&d)
		if s.Take(m) != nil {
			t.Error("an empty list is not nil")
		}
		// What a failure leaves behind is gone in the next unit.
		s.Push(node{name: "left"})
		begin(t, &d)
		if m := s.Mark(&d); m != 0 {
			t.Error(m)
		}
	}
}

func TestSlab(t *testing.T) {
	for _, borrow := range []bool{true, false} {
		d := Dec{Borrow: borrow}
		var s Slab[node]
		var kept []*node
		for k := range 50 {
			begin(t, &d)
			seen := map[*node]bool{}
			for range k {
				p := s.New(&d)
				if seen[p] || p.name != "" {
					t.Fatal("not new", *p)
				}
				seen[p] = true
				p.name = "x"
			}
			kept = append(kept, s.New(&d))
			kept[k].name = string(rune('a' + k))
		}
		for k, p := range kept {
			if !borrow && p.name != string(rune('a'+k)) {
				t.Fatal(k, *p)
			}
		}
	}
}

// Storage that one large unit needed is given up.
func TestLargeStorageIsDropped(t *testing.T) {
	d := Dec{Borrow: true}
	var a Arena[int]
	var s Slab[node]
	var st Stack[node]
	begin(t, &d)
	m := a.Mark(&d)
	for range 100_000 {
		a.Push(1)
		s.New(&d)
	}
	a.Take(m)
	m = st.Mark(&d)
	for range 10_000 {
		st.Push(node{})
	}
	st.Take(m)
	begin(t, &d)
	a.Mark(&d)
	st.Mark(&d)
	s.New(&d)
	if n := cap(a.buf)*8 + len(s.buf)*sizeOf[node]() + cap(st.open.buf)*sizeOf[node](); n > 2*largeArena {
		t.Error(n)
	}
}

func TestStorageAllocations(t *testing.T) {
	for _, borrow := range []bool{true, false} {
		d := Dec{Borrow: borrow}
		var a Arena[int]
		var s Slab[node]
		var st Stack[node]
		f := frameOf("")
		n := testing.AllocsPerRun(1000, func() {
			if _, err := d.Begin(f); err != nil {
				t.Fatal(err)
			}
			m := a.Mark(&d)
			a.Push(1)
			a.Take(m)
			s.New(&d)
			m = st.Mark(&d)
			st.Push(node{})
			st.Take(m)
		})
		if n > 0 {
			t.Errorf("borrow %v: %v", borrow, n)
		}
	}
}

// TestSingle: one value for all units where values are borrowed, one for each where they are owned, whatever
// was before.
func TestSingle(t *testing.T) {
	var d Dec
	var s Single[[2]int]
	var kept []*[2]int
	for k := range 60 {
		d.Borrow = k/5%2 == 0
		begin(t, &d)
		p := s.New(&d)
		if *p != [2]int{} {
			t.Fatal(k, *p)
		}
		*p = [2]int{k, k + 1}
		for i, q := range kept {
			if q == p || *q != [2]int{i, i + 1} && q[1] != q[0]+1 {
				t.Fatal(k, i, *q)
			}
		}
		if !d.Borrow {
			kept = append(kept, p)
		}
	}
	d.Borrow = true
	begin(t, &d)
	p := s.New(&d)
	begin(t, &d)
	if n := testing.AllocsPerRun(10, func() {
		if s.New(&d) != p {
			t.Error("another value")
		}
	}); n > 0 {
		t.Error(n, "allocations")
	}
}
