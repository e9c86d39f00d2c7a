package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files that the tests compare with")

// TestPresenceNames keeps the table of names as package imap has them: reflection does not know the names of constants.
func TestPresenceNames(t *testing.T) {
	table := map[string][]string{}
	files, err := filepath.Glob("../../imap/z*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no generated files", err)
	}
	for _, file := range files {
		readPresence(t, file, table)
	}
	var b bytes.Buffer
	b.WriteString("package main\n\n// presenceNames are the names of the bits of every type of a field Has. " +
		"TestPresenceNames writes them with -update.\nvar presenceNames = map[string][]string{\n")
	for _, name := range slices.Sorted(maps.Keys(table)) {
		fmt.Fprintf(&b, "%q: {%s},\n", name, strings.Join(table[name], ", "))
	}
	b.WriteString("}\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	const file = "presence_names.go"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what package imap has (%v): go test ./cmd/imapcat -run TestPresenceNames -update", file, err)
	}
}

// readPresence reads the constants of types called …Has.
func readPresence(t *testing.T, file string, table map[string][]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	typ := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line == ")" {
			typ = ""
		}
		if m := regexp.MustCompile(`^\t\w+ +(\w+Has) = 1 << iota`).FindStringSubmatch(line); m != nil {
			typ = m[1]
		}
		if typ == "" {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), typ), " ")
		table[typ] = append(table[typ], fmt.Sprintf("%q", name))
	}
}
