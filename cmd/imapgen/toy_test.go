package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestToyExtension does what somebody does who has a grammar of their own: imapgen adds testdata/x-colour.abnf to the
// specifications and writes a package into another module, and a program there decodes and encodes with it.
func TestToyExtension(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program, err := os.ReadFile(filepath.Join("testdata", "toy.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	module := fmt.Sprintf("module toy\n\ngo 1.26.0\n\nrequire github.com/imapsrv/imapsrv v0.0.0\n\n"+
		"replace github.com/imapsrv/imapsrv => %q\n", filepath.ToSlash(root))
	for name, data := range map[string][]byte{"main.go": program, "go.mod": []byte(module)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := arguments{
		Out:     filepath.Join(dir, "codec"),
		Package: "codec",
		Spec:    []string{"core", "rfc9051", "rfc3501"},
		Files:   []string{filepath.Join("testdata", "x-colour.abnf")},
	}
	if err := args.generate(); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "run", ".")
	run.Dir = dir
	run.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff(toyOutput, string(out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const toyOutput = "colour true [{1 3} {7 7}] GREEN\n" +
	"a1 UID COLOUR 1:3,7 GREEN\r\n" +
	"colour false [{0 0}] BLUE\n" +
	"a2 COLOUR * BLUE\r\n" +
	"syntax error at 12\n" +
	"fetch X-COLOUR\n" +
	"a4 FETCH 3 (UID X-COLOUR)\r\n" +
	"a5 NOOP\r\n" +
	"* 3 FETCH (UID 12 X-COLOUR GREEN)\r\n<nil>\n" +
	"unknown COLOUR\n"

// TestOneFile does what CONTRIBUTING.md says of a new extension, in a copy of the module: the grammar is all that has to be
// written for the codec to have it.
func TestOneFile(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the codec")
	}
	dir := t.TempDir()
	for _, room := range []string{"cmd/imapgen", "gen", "grammar", "grammar/spec", "imap", "imap/wire"} {
		copyRoom(t, filepath.Join("..", "..", room), filepath.Join(dir, room))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		copyFile(t, filepath.Join("..", "..", name), filepath.Join(dir, name))
	}
	copyFile(t, filepath.Join("testdata", "x-colour.abnf"), filepath.Join(dir, "grammar", "spec", "x-colour.abnf"))
	for _, args := range [][]string{{"generate", "./imap"}, {"build", "./imap"}} {
		run := exec.Command("go", args...)
		run.Dir = dir
		run.Env = append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "GOPROXY=off", "GOWORK=off")
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	for file, want := range map[string]string{
		"zcommand.go": "type Colour struct", "zfetch.go": "Colour ", "zhandlers.go": "type HandlerXColour interface", "zcodec.go": `"X-COLOUR"`,
	} {
		data, err := os.ReadFile(filepath.Join(dir, "imap", file))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s has no %q (%v)", file, want, err)
		}
	}
}

// copyRoom copies the files of a package, without its tests.
func copyRoom(t *testing.T, from, to string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() && !strings.HasSuffix(e.Name(), "_test.go") {
			copyFile(t, filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, data, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}
