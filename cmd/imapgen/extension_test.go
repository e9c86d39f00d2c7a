package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// extension is the example of a private extension, a module of its own.
var extension = filepath.Join("..", "..", "docs", "examples", "extension")

// TestExtension does what docs/extensions.md says, in a copy of the example: imapgen adds a grammar of one's own to IMAP's
// and writes a package into another module, and the Go examples there decode and encode with it. Nothing comes from a network.
func TestExtension(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a codec")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "doc.go", "example_test.go", "x-colour.abnf"} {
		copyFile(t, filepath.Join(extension, name), filepath.Join(dir, name))
	}
	for _, args := range [][]string{
		{"mod", "edit", "-replace", "github.com/imapsrv/imapsrv=" + root}, {"generate", "."}, {"vet", "./..."}, {"test", "."},
	} {
		goTool(t, dir, "", args...)
	}
}

// goTool runs the go command in a directory, without a network.
func goTool(t *testing.T, dir, flags string, args ...string) {
	t.Helper()
	run := exec.Command("go", args...)
	run.Dir = dir
	run.Env = append(os.Environ(), "GOFLAGS="+flags, "GOPROXY=off", "GOWORK=off")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

// TestOneFile does what CONTRIBUTING.md says of a new extension, in a copy of the module: the grammar is all that has to be
// written for the codec to have it.
func TestOneFile(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the codec")
	}
	dir := t.TempDir()
	for _, room := range []string{"cmd/imapgen", "gen", "grammar", "grammar/spec", "imap", "imap/testdata/inventory", "imap/wire"} {
		copyRoom(t, filepath.Join("..", "..", room), filepath.Join(dir, room))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		copyFile(t, filepath.Join("..", "..", name), filepath.Join(dir, name))
	}
	copyFile(t, filepath.Join(extension, "x-colour.abnf"), filepath.Join(dir, "grammar", "spec", "x-colour.abnf"))
	for _, args := range [][]string{{"generate", "./imap"}, {"build", "./imap"}} {
		goTool(t, dir, "-mod=mod -trimpath", args...)
	}
	for file, want := range map[string]string{
		"zcolour.go": "type Colour struct", "zfetch.go": "Colour ", "zhandlers.go": "type HandlerXColour interface", "zcodec.go": `"X-COLOUR"`,
	} {
		data, err := os.ReadFile(filepath.Join(dir, "imap", file))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s has no %q (%v)", file, want, err)
		}
	}
	brokenFile(t, dir, filepath.Join(dir, "grammar", "spec", "x-colour.abnf"))
}

// brokenFile: a mistake in a file among the specifications is said with its place, as one in a file of one's own is.
func brokenFile(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("oops = (\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "run", "./cmd/imapgen", "--out", "none", "--package", "none", "--spec", "all")
	run.Dir = dir
	run.Env = append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "GOPROXY=off", "GOWORK=off")
	out, err := run.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "x-colour.abnf:2:1: ") || strings.Contains(string(out), "panic") {
		t.Errorf("%v\n%s", err, out)
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
