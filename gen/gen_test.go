package gen

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/imapsrv/imapsrv/grammar"
	"github.com/imapsrv/imapsrv/grammar/spec"
)

var update = flag.Bool("update", false, "write what is generated now into testdata/*.txtar")

// construct is an archive of testdata: a tiny grammar whose root is unit, lines
// of input with what becomes of them, and the wanted Go.
type construct struct {
	name, path string
	archive    *txtar.Archive
	files      []File
}

func (c *construct) file(name string) []byte {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// constructs reads and generates every archive.
func constructs(t *testing.T) []*construct {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	var out []*construct
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := &construct{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), path: path, archive: a}
		g, err := grammar.Load(grammar.File{Name: "grammar.abnf", Data: c.file("grammar.abnf")})
		if err == nil {
			c.files, err = Generate(g, Options{Package: "codec", Sources: []string{"grammar.abnf"}})
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		out = append(out, c)
	}
	return out
}

// TestConstructs compares what each construct generates with the archive.
func TestConstructs(t *testing.T) {
	for _, c := range constructs(t) {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range c.files {
				if f.Name == "zcodec.go" || f.Name == "ztables.go" || f.Name == "zsites.go" {
					continue // what the functions refer to
				}
				if *update {
					c.set(f.Name, f.Data)
				}
				if d := cmp.Diff(string(c.file(f.Name)), string(f.Data)); d != "" {
					t.Errorf("%s (run go test ./gen -update if this is right):\n%s", f.Name, d)
				}
			}
			if *update {
				if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func (c *construct) set(name string, data []byte) {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			c.archive.Files[i].Data = data
			return
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: data})
}

// behaviour is the test that each generated package runs on its lines:
// "line" must decode and encode to itself, "line => other" to the other,
// "! line" must not decode.
const behaviour = `package codec

import (
	"reflect"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap/wire"
)

const lines = %q

func TestLines(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		in, bad := strings.CutPrefix(line, "! ")
		in, want, other := strings.Cut(in, " => ")
		if !other {
			want = in
		}
		v, err := new(Decoder).Unit(wire.Frame{Bytes: []byte(strings.ReplaceAll(in, "\\r\\n", "\r\n") + "\r\n")})
		if (err != nil) != bad {
			t.Errorf("%%q: %%#v, %%v", in, v, err)
		}
		if err != nil {
			continue
		}
		e := new(Encoder)
		e.Side = wire.Server
		out, err := e.AppendUnit(nil, v)
		if got := strings.ReplaceAll(strings.TrimSuffix(string(out), "\r\n"), "\r\n", "\\r\\n"); err != nil || got != want {
			t.Errorf("%%q: encoded %%q, want %%q, %%v", in, got, want, err)
		}
		if w, err := new(Decoder).Unit(wire.Frame{Bytes: out}); err != nil || !reflect.DeepEqual(v, w) {
			t.Errorf("%%q: %%#v, then %%#v, %%v", in, v, w, err)
		}
		if c := v.Clone(); !reflect.DeepEqual(v, c) {
			t.Errorf("%%q: %%#v, its clone %%#v", in, v, c)
		}
	}
}
`

// TestBehaviour compiles what every construct generates, and runs it on
// the archive's lines. The packages exist only in an overlay of this module.
func TestBehaviour(t *testing.T) {
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]string{}
	for _, c := range constructs(t) {
		files := append([]File{{Name: "lines_test.go", Data: fmt.Appendf(nil, behaviour, c.file("lines"))}}, c.files...)
		if extra := c.file("extra_test.go"); extra != nil {
			files = append(files, File{Name: "extra_test.go", Data: extra})
		}
		for _, f := range files {
			real := filepath.Join(dir, c.name+"_"+f.Name)
			if err := os.WriteFile(real, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			overlay[filepath.Join(here, "generated", c.name, f.Name)] = real
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin") + string(filepath.Separator)
	out, err := exec.Command("go", "test", "-vet=off", "-c", "-o", bin, "-overlay", file, "./generated/...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	programs, _ := filepath.Glob(bin + "*")
	if len(programs) != len(constructs(t)) {
		t.Errorf("%d test programs", len(programs))
	}
	for _, p := range programs {
		if out, err := exec.Command(p).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(p), err, out)
		}
	}
}

// TestDeterministic: the same grammar gives the same bytes.
func TestDeterministic(t *testing.T) {
	var first []File
	for range 3 {
		g, err := grammar.Load(spec.Base()...)
		if err != nil {
			t.Fatal(err)
		}
		files, err := Generate(g, Options{Package: "imap"})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = files
		}
		for i := range files {
			if files[i].Name != first[i].Name || !bytes.Equal(files[i].Data, first[i].Data) {
				t.Fatalf("%s differs from run to run", files[i].Name)
			}
		}
	}
}

// TestErrors: what cannot be generated is said with file, line and rule.
func TestErrors(t *testing.T) {
	for _, tt := range []struct{ name, grammar, want string }{
		{"unused annotation", ";@ root client\nunit = x CRLF\n;@ open\nx = 1*%x61-7A\nCRLF = %x0D.0A\n", `g.abnf:3:1: x: the annotation ";@ open" changes nothing`},
		{"secret that nothing hides", ";@ root client\nunit = x CRLF\n;@ secret\nx = 1*%x61-7A\nCRLF = %x0D.0A\n", "g.abnf:2: rule unit: X is secret, and nothing hides a string"},
		{"a field like a method", ";@ root client\nunit = clone SP x CRLF\nclone = x\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "g.abnf:2: a value of Unit cannot be called Clone"},
		{"two keywords of one name", ";@ root client\nunit = kind SP x CRLF\nkind = \"A+B\" / \"A-B\" / \"C\"\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", `g.abnf:3: "A+B" and "A-B" would both be called KindAB`},
		{"a type like another", ";@ root client\nunit = x SP decoder CRLF\ndecoder = x SP x ;=_ A B\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "g.abnf:3: two things would be called Decoder"},
		{"a keyword like a type", ";@ root client\nunit = k SP kindKey CRLF\n;@ type Kind\nk = (\"KEY\" / \"B\") ;.Kind Kind*\nkindKey = x SP x ;=_ A B\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "two things would be called KindKey"},
		{"list of secrets", ";@ root client\nunit = x *(SP x) CRLF\n;@ secret\nx = y\n;@ leaf astring\ny = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "X is secret, and nothing hides a []string"},
		{"unused note", ";@ root client\nunit = \"A\" ;.Letter\n       CRLF\nCRLF = %x0D.0A\n", `the note ";.Letter" changes nothing`},
		{"unknown primitive", ";@ root client\nunit = x CRLF\n;@ leaf nothing\nx = 1*%x61-7A\nCRLF = %x0D.0A\n", "no primitive is called nothing"},
		{"two values of one name", ";@ root client\nunit = x SP x CRLF\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "g.abnf:2"},
		{"two types of one field", ";@ root client\nunit = (\"A\" SP x ;.V\n       / \"B\" SP y ;.V\n       ) CRLF\nx = 1*%x61-7A\n;@ leaf number\ny = 1*%x30-39\nSP = %x20\nCRLF = %x0D.0A\n", "two types, string and uint32"},
		{"apart outside of a set", ";@ root client\nunit = x ;. apart\n       SP x ;.Y\n       CRLF\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "X cannot stand apart; only items of a set can"},
		{"one type by accident", ";@ root client\nunit = (a / b) CRLF\na = \"A\" SP x ;.X\n    SP x ;.Y\n;@ type A\nb = \"B\" SP x ;.X\n    SP x ;.Z\nx = 1*%x61-7A\nSP = %x20\nCRLF = %x0D.0A\n", "g.abnf:3: rule a: another rule is the type A, too"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, err := grammar.Load(grammar.File{Name: "g.abnf", Data: []byte(tt.grammar)})
			if err == nil {
				_, err = Generate(g, Options{Package: "codec"})
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
