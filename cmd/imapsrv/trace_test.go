package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trace")
	c := startDemo(t, "--trace", dir).dial(t)
	c.expect("* OK ")
	c.send("1 LOGIN test hunter2")
	c.expect("1 OK ")
	files, err := filepath.Glob(dir + "/*.client")
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	got, err := os.ReadFile(files[0])
	if err != nil || !strings.HasPrefix(string(got), "1 LOGIN test [redacted]\r\n") {
		t.Errorf("%q %v", got, err)
	}
}
