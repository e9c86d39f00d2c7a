package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/memstore"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// TestREADME: the table in README.md is what the grammar and the code say now.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := table(filepath.Join("..", "..", "imap", "session"))
	if err != nil {
		t.Fatal(err)
	}
	if now, err := replace(text, table); err != nil || !bytes.Equal(now, text) {
		t.Errorf("README.md is stale; run make generate (%v)", err)
	}
	if _, err := replace([]byte("no marks"), table); err == nil || !strings.Contains(err.Error(), "marks") {
		t.Errorf("without marks: %v", err)
	}
}

// TestOffered: what is read from the source of the engine is what it offers.
func TestOffered(t *testing.T) {
	got, err := offered(filepath.Join("..", "..", "imap", "session"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, c := range session.Capabilities() {
		want[string(c)] = true
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-engine +source):\n%s", d)
	}
	if _, err := offered(t.TempDir()); err == nil {
		t.Error("no error for a directory without an engine")
	}
}

// TestRows: each RFC has one row, and each capability one home.
func TestRows(t *testing.T) {
	rows, err := rows()
	if err != nil {
		t.Fatal(err)
	}
	rfcs, caps := map[int]string{}, map[string]int{}
	for _, r := range rows {
		if was := rfcs[r.rfc]; was != "" && r.rfc != 0 {
			t.Errorf("RFC %d has two rows, %s and %s", r.rfc, was, r.file)
		}
		if r.file == "" {
			t.Errorf("RFC %d (%v) is in no file", r.rfc, r.caps)
		}
		rfcs[r.rfc] = r.file
		for _, c := range r.caps {
			if caps[c] != 0 {
				t.Errorf("%s is of RFC %d and RFC %d", c, caps[c], r.rfc)
			}
			caps[c] = r.rfc
		}
	}
	for name, rfc := range map[string]int{"SPECIAL-USE": 6154, "CREATE-SPECIAL-USE": 6154, "THREAD=": 5256, "LITERAL-": 7888, "MOVE": 6851, "IMAP4rev1": 3501, "SAVELIMIT=": 9738} {
		if caps[name] != rfc {
			t.Errorf("%s is of RFC %d, want %d", name, caps[name], rfc)
		}
	}
	for rfc := range needs {
		if rfcs[rfc] == "" {
			t.Errorf("needs has RFC %d, which has no row", rfc)
		}
	}
	for rfc := range lacking {
		if rfcs[rfc] == "" {
			t.Errorf("lacking has RFC %d, which has no row", rfc)
		}
	}
}

// TestPowers: what the table says of stores holds for those of the project.
func TestPowers(t *testing.T) {
	onDisk, err := sqlitestore.Open(t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]store.Store{"memstore": memstore.New(memstore.Options{}), "sqlitestore": onDisk} {
		defer s.Close()
		if err := s.CreateAccount(context.Background(), "a", store.Setup{}); err != nil {
			t.Fatal(err)
		}
		account, err := s.Account(context.Background(), "a")
		if err != nil {
			t.Fatal(err)
		}
		defer account.Close()
		for rfc, list := range needs {
			for _, n := range list {
				if n.optional() && !reflect.TypeOf(account).Implements(n.of) {
					t.Errorf("RFC %d: %s is no store.%s", rfc, name, n.of.Name())
				}
			}
		}
	}
}
