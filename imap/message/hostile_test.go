package message

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// counting counts what is read of a message.
type counting struct {
	r     io.ReaderAt
	count atomic.Int64
}

func (c *counting) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(b, off)
	c.count.Add(int64(n))
	return n, err
}

// hostileMessages makes messages of about n octets that are made to be slow.
var hostileMessages = map[string]func(n int) string{
	"header fields": func(n int) string { return strings.Repeat("A: b\r\n", n/6) + "\r\nx" },
	"address fields": func(n int) string {
		return strings.Repeat("From: a@b\r\n", n/11) + "\r\nx"
	},
	"addresses": func(n int) string { return "To: " + strings.Repeat("a,", n/2) + "\r\n\r\nx" },
	"address colons": func(n int) string {
		return "To: @" + strings.Repeat(" a", n/4) + strings.Repeat(":", n/2) + "\r\n\r\nx"
	},
	"address ats":           func(n int) string { return "To: " + strings.Repeat("@", n) + "\r\n\r\nx" },
	"address words":         func(n int) string { return "To: " + strings.Repeat("a ", n/2) + "<\r\n\r\nx" },
	"comments":              func(n int) string { return "To: " + strings.Repeat("(", n) + "\r\n\r\nx" },
	"comments side by side": func(n int) string { return "To: " + strings.Repeat("()", n/2) + "\r\n\r\nx" },
	"groups":                func(n int) string { return "To: " + strings.Repeat("a:;", n/3) + "\r\n\r\nx" },
	"continuation lines":    func(n int) string { return "Subject: a" + strings.Repeat("\r\n b", n/4) + "\r\n\r\nx" },
	"one long line":         func(n int) string { return "Subject: " + strings.Repeat("a", n) },
	"one long body line":    func(n int) string { return "\r\n" + strings.Repeat("-", n) },
	"parameters": func(n int) string {
		return "Content-Type: a/b" + strings.Repeat(";a=b", n/4) + "\r\n\r\nx"
	},
	"continued parameters": func(n int) string {
		var b strings.Builder
		b.WriteString("Content-Type: a/b")
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, ";a*%d=b", n-i)
		}
		return b.String() + "\r\n\r\nx"
	},
	"encoded words":      func(n int) string { return "Subject: " + strings.Repeat("=?utf-8?Q?a?= ", n/14) + "\r\n\r\nx" },
	"half encoded words": func(n int) string { return "Subject: " + strings.Repeat("=?a", n/3) + "?=\r\n\r\nx" },
	"parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n", n/5)
	},
	"nested same boundary": func(n int) string {
		return strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", n/50)
	},
	"nested": func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d.\r\n\r\n--b%d.\r\n", i, i)
		}
		return b.String()
	},
	"nested messages": func(n int) string { return strings.Repeat("Content-Type: message/rfc822\r\n\r\n", n/32) },
	"long boundaries": func(n int) string {
		var b strings.Builder
		long := strings.Repeat("x", MaxBoundary-10)
		for i := range MaxDepth {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%s%d\r\n\r\n--%s%d\r\n", long, i, long, i)
		}
		for b.Len() < n {
			fmt.Fprintf(&b, "--%s\r\n", long)
		}
		return b.String()
	},
	"digests": func(n int) string {
		return "Content-Type: multipart/digest; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n\r\n", n/9)
	},
	"NULs":           func(n int) string { return strings.Repeat("\x00", n) },
	"blank lines":    func(n int) string { return strings.Repeat("\r\n", n/2) },
	"white space":    func(n int) string { return "Subject: x\r\n" + strings.Repeat(" \r\n", n/3) },
	"accents":        func(n int) string { return "Subject: a\r\n\r\na" + strings.Repeat("\u0301", n/2) },
	"quoted strings": func(n int) string { return "To: " + strings.Repeat(`"\`, n/2) + "\r\n\r\nx" },
}

// TestWorkIsLinear parses and searches hostile messages and asserts how much is read,
// and by the size of the summary how much is kept.
func TestWorkIsLinear(t *testing.T) {
	const size = 2 << 20
	for name, make := range hostileMessages {
		t.Run(name, func(t *testing.T) {
			text := make(size)
			c := &counting{r: strings.NewReader(text)}
			m, err := Parse(c, int64(len(text)))
			if err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, m, text)
			if n := c.count.Load(); n != int64(len(text)) {
				t.Errorf("Parse reads %d octets of %d", n, len(text))
			}
			c.count.Store(0)
			if _, err := m.Contains(imap.SearchTextKeyText, NewNeedle("zzz")); err != nil {
				t.Fatal(err)
			}
			// A header is read once by each part it belongs to.
			if n := c.count.Load(); n > int64(len(text)) {
				t.Errorf("SEARCH TEXT reads %d octets of %d", n, len(text))
			}
			data, _ := m.MarshalBinary()
			if len(data) > 2*MaxKept {
				t.Errorf("the summary has %d octets", len(data))
			}
		})
	}
}

// TestHeaderFlood has 500,000 fields, every other of which is wanted.
func TestHeaderFlood(t *testing.T) {
	const pairs = 250_000
	text := strings.Repeat("A: 1\r\nTo: b\r\n", pairs) + "\r\nx"
	c := &counting{r: strings.NewReader(text)}
	m, err := Parse(c, int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	checkInvariants(t, m, text)
	for _, name := range []string{"HEADER.FIELDS (A)", "HEADER.FIELDS.NOT (TO)", "HEADER.FIELDS (" + strings.Repeat("x ", 50_000) + "a)"} {
		c.count.Store(0)
		content, err := m.Section(section(t, name))
		if err != nil {
			t.Fatal(err)
		}
		r, size, err := content.Open(nil)
		if err != nil || size != 6*pairs+2 {
			t.Fatalf("%.30s has %d octets, %v", name, size, err)
		}
		if n, err := io.Copy(io.Discard, r); n != size || err != nil {
			t.Errorf("%.30s: %d octets read, %v", name, n, err)
		}
		if n := c.count.Load(); n > 2*int64(len(text)) { // for the size, and for the octets
			t.Errorf("%.30s: %d octets read of %d", name, n, len(text))
		}
	}
	if found, err := m.ContainsHeader("TO", NewNeedle("zzz")); found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

func TestDeepNesting(t *testing.T) {
	for name, text := range map[string]string{
		"multiparts": hostileMessages["nested"](50 * 10_000),
		"same":       hostileMessages["nested same boundary"](50 * 10_000),
		"messages":   hostileMessages["nested messages"](32 * 10_000),
	} {
		m := parseText(t, text)
		p, depth := m.root, 1
		for len(p.children) > 0 {
			p = p.children[0]
			depth++
		}
		if depth != MaxDepth {
			t.Errorf("%s: depth %d", name, depth)
		}
		if p.typ+"/"+p.subtype != "APPLICATION/OCTET-STREAM" {
			t.Errorf("%s: the deepest part is %s/%s %v", name, p.typ, p.subtype, p.body)
		}
	}
}

// TestBehindTooDeep checks that what follows a part that is too deep is found.
func TestBehindTooDeep(t *testing.T) {
	var b strings.Builder
	for i := range 3 * MaxDepth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d.\n\n--b%d.\n", i, i)
	}
	text := b.String() + "\n--b0.\n\nlast\n--b0.--\n"
	m := parseText(t, text)
	if got := fetch(t, m, "2", nil); got != "last" {
		t.Errorf("BODY[2] = %q", got)
	}
}

func TestPartLimit(t *testing.T) {
	text := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 2*MaxParts) + "--b--\nend"
	m := parseText(t, text)
	if n := len(m.root.children); n != MaxParts-1 {
		t.Errorf("%d parts", n)
	}
	last := fetch(t, m, fmt.Sprint(MaxParts-1), nil)
	if !strings.HasPrefix(last, "x\n--b\n\nx\n") || !strings.HasSuffix(last, "--b\n\nx") {
		t.Errorf("the last part is %.20q … of %d octets", last, len(last))
	}
}

func TestLongValuesAreCut(t *testing.T) {
	text := "Subject: " + strings.Repeat("a", 2*MaxFieldSize) + "\nTo: " + strings.Repeat("abc@d, ", MaxFieldSize) + "\n\n"
	m := parseText(t, text)
	if n := len(m.Envelope().Subject.Value); n == 0 || n > MaxFieldSize {
		t.Errorf("subject of %d octets", n)
	}
	to := m.Envelope().To
	if len(to) != MaxAddresses || to[len(to)-1].Host.Value != "d" {
		t.Errorf("%d addresses, the last is %s", len(to), render(to[len(to)-1:]))
	}
	if got := fetch(t, m, "HEADER", nil); got != text {
		t.Error("BODY[HEADER] is not exact")
	}
}

// TestMemory parses a large message and measures what is left.
func TestMemory(t *testing.T) {
	const size = 64 << 20
	r := endless("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 4096))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := Parse(r, size)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Section(imap.Section{Text: imap.SectionTextText})
	if err != nil {
		t.Fatal(err)
	}
	reader, n, err := c.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	if written, err := io.Copy(io.Discard, reader); written != n || err != nil {
		t.Errorf("%d of %d, %v", written, n, err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("%d octets allocated", grown)
	}
}

// endless repeats a text behind its end.
type endless string

func (e endless) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		n += copy(b[n:], e[(off+int64(n))%int64(len(e)):])
	}
	return n, nil
}

// TestManyOpenSections checks what a FETCH that names many sections holds in memory
// before it is sent.
func TestManyOpenSections(t *testing.T) {
	const sections = 2000
	m := ParseBytes([]byte("Content-Transfer-Encoding: base64\r\n" + strings.Repeat("X: y\r\n", 2000) + "\r\n" +
		strings.Repeat("QUJD", 10_000)))
	heap := func() uint64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := heap()
	var readers []io.Reader
	for range sections / 2 {
		b, err := m.Binary([]uint32{1})
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Section(section(t, "HEADER.FIELDS (X)"))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*Content{b, f} {
			r, _, err := c.Open(nil)
			if err != nil {
				t.Fatal(err)
			}
			readers = append(readers, r)
		}
	}
	if held := (int64(heap()) - int64(before)) / sections; held > 1500 {
		t.Errorf("each of %d sections holds %d octets", len(readers), held)
	}
	runtime.KeepAlive(readers)
}
