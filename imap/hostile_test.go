package imap

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// A hostile input is one unit made of a head, something repeated, and a tail.
type hostile struct {
	name             string
	side             Side
	head, part, tail string
	ok               bool // it decodes, while items last
}

var hostiles = []hostile{
	{"parentheses in SEARCH", Client, "a SEARCH ", "(", "", false},
	{"NOT in SEARCH", Client, "a SEARCH ", "NOT ", "ALL", false},
	{"OR in SEARCH", Client, "a SEARCH ", "OR ALL ", "ALL", false},
	{"search keys", Client, "a SEARCH ", "1 ", "ALL", true},
	{"numbers", Client, "a FETCH 1", ",1", " FLAGS", true},
	{"ranges to *", Client, "a FETCH 1", ",1:*", " FLAGS", true},
	{"items", Client, "a FETCH 1 (UID", " UID", ")", true},
	{"sections", Client, "a FETCH 1 (UID", " BODY[1]", ")", true},
	{"part numbers", Client, "a FETCH 1 BODY[1", ".1", "]", true},
	{"header fields", Client, "a FETCH 1 BODY[HEADER.FIELDS (a", " a", ")]", true},
	{"keywords", Client, "a STORE 1 FLAGS (a", " a", ")", true},
	{"flags", Client, "a STORE 1 FLAGS (\\Seen", " \\Seen", ")", true},
	{"patterns", Client, `a LIST "" (a`, " a", ")", true},
	{"literals", Client, "a LOGIN ", "{1+}\r\na", " b", false},
	{"empty literals", Client, "a FOO ", "{0+}\r\n ", "b", true},
	{"parameters", Client, "a SELECT b (X", " X", ")", true},
	{"lists in parameters", Client, "a SELECT b (X ", "(", "", false},
	{"a long tag", Client, "a", "a", " NOOP", true},
	{"a long quoted string", Client, `a LOGIN "`, "a", `" b`, true},
	{"backslashes", Client, `a LOGIN "`, `\\`, `" b`, true},
	{"an open quote", Client, `a LOGIN "`, "a", ``, false},
	{"spaces", Client, "a ", " ", "", false},
	{"capabilities", Client, "a ENABLE a", " a", "", true},
	{"nested bodies", Server, "* 1 FETCH (BODY ", "(", "", false},
	{"bodies in messages", Server, "* 1 FETCH (BODY ", `("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) `, "", false},
	{"parts", Server, "* 1 FETCH (BODY (", `("A" "B" NIL NIL NIL "C" 1)`, ` "MIXED"))`, true},
	{"small parts", Server, "* 1 FETCH (BODY (", `("" "" NIL NIL NIL "" 1)`, ` ""))`, true},
	{"addresses", Server, "* 1 FETCH (ENVELOPE (NIL NIL (", "(NIL NIL NIL NIL)", ") NIL NIL NIL NIL NIL NIL NIL))", true},
	{"body parameters", Server, `* 1 FETCH (BODY ("A" "B" ("" ""`, ` "" ""`, `) NIL NIL "C" 1))`, true},
	{"unknown items", Server, "* 1 FETCH (X 1", " X 1", ")", true},
	{"texts", Server, "* 1 FETCH (UID 1", " BODY[] NIL", ")", true},
	{"lists in unknown items", Server, "* 1 FETCH (X ", "(", "", false},
	{"numbers found", Server, "* SEARCH", " 1", "", true},
	{"UIDs", Server, "* OK [COPYUID 1 1", ",1", " 1] x", true},
	{"attributes", Server, "* LIST (\\a", " \\a", `) "/" a`, true},
	{"namespaces", Server, "* NAMESPACE (", `("" "/")`, ") NIL NIL", true},
	{"status items", Server, "* STATUS a (X 1", " X 1", ")", true},
	{"text with brackets", Server, "* OK ", "[", "", true},
}

// unit is the input with about that many octets.
func (h hostile) unit(size int) []byte {
	var b bytes.Buffer
	b.Grow(size + 200)
	b.WriteString(h.head)
	b.WriteString(strings.Repeat(h.part, size/len(h.part)))
	b.WriteString(h.tail + "\r\n")
	return b.Bytes()
}

// decodeHostile decodes a unit.
func (h hostile) decode(d *Decoder, unit []byte) (err error) {
	if h.side == Client {
		_, err = d.TaggedCommand(Frame{Bytes: unit})
	} else {
		_, err = d.Response(Frame{Bytes: unit})
	}
	return err
}

// spent is what decoding allocates, in octets.
func spent(decode func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	decode()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// mostSpent bounds how many times its own size a unit may cost. The most expensive octets
// are those of the shortest items with the largest structs: " UID" in FETCH. Buffers that grow
// are counted again and again, so that what is held at a time is less than half.
const mostSpent = 160

// TestHostile: whatever a unit is filled with, decoding it takes memory in proportion to
// its size and within 32 times the limit on frames; a broken one is refused; and the decoder
// goes on. Where time grew faster than size, 8 MiB would not come to an end.
func TestHostile(t *testing.T) {
	sizes := []int{1 << 20, 2 << 20, 4 << 20, 8 << 20}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			h.check(t, 1<<20, false)
			last := int64(0)
			for _, size := range sizes {
				octets := h.check(t, size, true)
				if last > 1<<20 && octets > 3*last {
					t.Errorf("%d octets cost %d, and half as many %d", size, octets, last)
				}
				last = octets
			}
		})
	}
}

func (h hostile) check(t *testing.T, size int, borrow bool) (octets int64) {
	t.Helper()
	unit := h.unit(size)
	d := new(Decoder)
	d.Borrow = borrow
	var err error
	octets = spent(func() { err = h.decode(d, unit) })
	if octets > mostSpent*int64(len(unit)) || octets > 32*int64(DefaultLimits(h.side).Frame) {
		t.Errorf("%d octets, borrow %v: %d octets allocated, %d times as many", len(unit), borrow, octets, octets/int64(len(unit)))
	}
	var syntax *SyntaxError
	switch {
	case err == nil && !h.ok:
		t.Errorf("%d octets decode", len(unit))
	case err != nil && (!errors.As(err, &syntax) || h.ok && syntax.Rule != "list"):
		t.Errorf("%d octets: %v", len(unit), err)
	}
	if err := h.decode(d, small(h.side)); err != nil {
		t.Errorf("the next unit: %v", err)
	}
	return octets
}

// small is a unit that any decoder decodes.
func small(side Side) []byte {
	if side == Client {
		return []byte("a NOOP\r\n")
	}
	return []byte("* OK ok\r\n")
}

// TestHostileFrames: a reader with its default limits refuses 8 MiB from a client with no more
// memory than 32 times the limit on lines. What it takes from a server, whose lines may be long,
// costs with the decoding of it no more than 32 times the limit on frames. Both go on.
func TestHostileFrames(t *testing.T) {
	for _, h := range hostiles {
		next := small(h.side)
		input := append(h.unit(8<<20), next...)
		r := NewReader(bytes.NewReader(input), h.side, Limits{})
		d := new(Decoder)
		d.Borrow = true
		var err error
		octets := spent(func() {
			var f Frame
			if f, err = r.Next(); err == nil {
				err = h.decode(d, f.Bytes)
			}
		})
		most := int64(32 * DefaultLimits(h.side).Frame)
		if h.side == Client {
			most = int64(32 * DefaultLimits(Client).Line)
			var limit *LimitError
			if !errors.As(err, &limit) || !limit.Recoverable() {
				t.Errorf("%s: %v", h.name, err)
				continue
			}
		}
		if octets > most {
			t.Errorf("%s: %d octets allocated", h.name, octets)
		}
		if f, err := r.Next(); err != nil || !bytes.Equal(f.Bytes, next) {
			t.Errorf("%s: then %q, %v", h.name, f.Bytes, err)
		}
	}
}
