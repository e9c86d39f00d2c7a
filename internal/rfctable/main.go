// Command rfctable writes the table of RFCs in README.md: what the grammar has of each, what the engine offers, and
// what of the store it rests on. Nothing in it is kept by hand but which part of a store an RFC needs.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

//go:generate go run . ../../README.md

// The marks between which the table stands.
const (
	begin = "<!-- The table is generated: make generate. -->\n"
	end   = "<!-- The end of the table. -->\n"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: rfctable README.md")
	}
	if err := rewrite(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// rewrite puts the table into a file, which is left alone if it is there already.
func rewrite(name string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	table, err := table(filepath.Join(filepath.Dir(name), "imap", "session"))
	if err != nil {
		return err
	}
	text, err := replace(old, table)
	if err != nil || bytes.Equal(text, old) {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// replace puts a table between the marks of a text.
func replace(text, table []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(text, []byte(begin))
	_, after, too := bytes.Cut(rest, []byte(end))
	if !ok || !too {
		return nil, fmt.Errorf("the marks of the table are missing; write %q and %q where it is to stand", begin, end)
	}
	return bytes.Join([][]byte{before, []byte(begin), table, []byte(end), after}, nil), nil
}
