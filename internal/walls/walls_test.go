// Package walls holds the import rule of ARCHITECTURE.md as a test. A wall that a package needs to break is a
// design question, to be settled there first.
package walls

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/imapsrv/imapsrv"

// wall says what a package, and every package below it unless exactly is set, must not reach, even through others.
type wall struct {
	pkg     string // relative to the module
	exactly bool
	deny    []string // package trees, relative to the module; "." is every package of the module
	except  []string // trees inside a denied one that are allowed
	stdOnly bool     // nothing but the standard library and except
	reason  string
}

var walls = []wall{
	{pkg: "grammar", deny: []string{"."}, except: []string{"grammar"},
		reason: "the grammar knows nothing of IMAP or of Go code"},
	{pkg: "gen", deny: []string{"."}, except: []string{"gen", "grammar"},
		reason: "what is generated must never be needed to generate it"},
	{pkg: "cmd/imapgen", deny: []string{"imap", "store", "internal"},
		reason: "what is generated must never be needed to generate it"},
	{pkg: "imap/wire", stdOnly: true, except: []string{"imap/wire"},
		reason: "generated code of any module may rest on the runtime: it brings nothing with it"},
	{pkg: "imap", exactly: true, deny: []string{"."}, except: []string{"imap", "imap/wire"},
		reason: "the codec serves clients and proxies too: it sees neither the engine nor a store"},
	{pkg: "imap/message", deny: []string{"."}, except: []string{"imap", "imap/wire", "imap/message"},
		reason: "a stored message has neither a session nor a store"},
	{pkg: "imap/session", deny: []string{"store/memstore", "store/sqlitestore", "store/storetest", "gen", "grammar", "cmd"},
		reason: "the engine knows the interfaces in store, never a backend; the generator is not linked into servers"},
	{pkg: "store", exactly: true, deny: []string{"."}, except: []string{"store", "imap", "imap/wire"},
		reason: "a store only persists: it may use value types of imap, nothing of the engine"},
	{pkg: "store/memstore", deny: []string{"imap/session", "gen", "grammar", "cmd"},
		reason: "a store only persists"},
	{pkg: "store/sqlitestore", deny: []string{"imap/session", "gen", "grammar", "cmd"},
		reason: "a store only persists"},
	{pkg: "internal/transfer", deny: []string{"imap/session", "store/memstore", "store/sqlitestore", "gen", "grammar", "cmd"},
		reason: "accounts go from any store to any other"},
	{pkg: "internal/maildir", deny: []string{"imap/session", "store/memstore", "store/sqlitestore", "gen", "grammar", "cmd"},
		reason: "a format knows messages, not who keeps them"},
	{pkg: "internal/mbox", deny: []string{"imap/session", "store/memstore", "store/sqlitestore", "gen", "grammar", "cmd"},
		reason: "a format knows messages, not who keeps them"},
	{pkg: "cmd/imapsrv", deny: []string{"gen", "grammar", "store/storetest"},
		reason: "the generator and test suites are not linked into servers"},
}

// dep is one package and all that it reaches.
type dep struct {
	path string
	deps []string
}

func TestImportRule(t *testing.T) {
	lookAtSources(t)
	packages := list(t)
	for _, w := range walls {
		checked := false
		for _, p := range packages {
			if !w.applies(p.path) {
				continue
			}
			checked = true
			for _, d := range p.deps {
				if w.forbids(d) {
					t.Errorf("%s reaches %s: %s", p.path, d, w.reason)
				}
			}
		}
		if !checked {
			t.Errorf("the wall around %s stands around nothing", w.pkg)
		}
	}
}

// TestWallsHold makes sure that a wall would notice: what it must forbid and allow, by example.
func TestWallsHold(t *testing.T) {
	tests := []struct {
		pkg, dep string
		forbids  bool
	}{
		{"imap", "imap/session", true},
		{"imap", "store", true},
		{"imap", "imap/wire", false},
		{"imap/wire", "imap", true},
		{"imap/session", "store/memstore", true},
		{"imap/session", "store", false},
		{"store", "imap", false},
		{"store", "imap/message", true},
		{"grammar", "gen", true},
		{"gen", "grammar/spec", false},
	}
	for _, tt := range tests {
		for _, w := range walls {
			if w.pkg == tt.pkg && w.forbids(module+"/"+tt.dep) != tt.forbids {
				t.Errorf("%s → %s: forbidden = %v, want %v", tt.pkg, tt.dep, !tt.forbids, tt.forbids)
			}
		}
	}
	wire := walls[3]
	if wire.forbids("unsafe") || wire.forbids("encoding/base64") || !wire.forbids("golang.org/x/text/cases") {
		t.Error("imap/wire must rest on the standard library alone")
	}
}

// lookAtSources looks at every source file, so that go test does not take an earlier result for a tree that has
// changed: it does not know what `go list` read.
func lookAtSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		_, err = os.Stat(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// list returns every package of the module with its dependencies, those of its tests left out.
func list(t *testing.T) []dep {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []dep
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		packages = append(packages, dep{path: fields[0], deps: fields[1:]})
	}
	return packages
}

func (w wall) applies(path string) bool {
	if w.exactly {
		return path == module+"/"+w.pkg
	}
	return within(path, w.pkg)
}

func (w wall) forbids(path string) bool {
	if contains(w.except, path, w.exactly) {
		return false
	}
	if w.stdOnly {
		first, _, _ := strings.Cut(path, "/")
		return strings.Contains(first, ".") || strings.HasPrefix(path, module)
	}
	return contains(w.deny, path, false)
}

// contains reports whether path is one of the trees, or exactly one of the packages.
func contains(trees []string, path string, exactly bool) bool {
	for _, tree := range trees {
		if path == module+"/"+tree || !exactly && within(path, tree) {
			return true
		}
	}
	return false
}

// within reports whether path is tree or below it; "." is the whole module.
func within(path, tree string) bool {
	if tree == "." {
		return path == module || strings.HasPrefix(path, module+"/")
	}
	return path == module+"/"+tree || strings.HasPrefix(path, module+"/"+tree+"/")
}
