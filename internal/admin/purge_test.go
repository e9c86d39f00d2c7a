package admin

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// TestPurge: of a user whose mail is removed, no octets are left, also when nobody uses the account again.
func TestPurge(t *testing.T) {
	dir := t.TempDir()
	service, err := Open(dir, sqlitestore.Options{})
	if err == nil {
		err = service.AddUser(t.Context(), "alice", "secret")
	}
	for i := 0; i < 40 && err == nil; i++ {
		text := "Subject: the secret subject\n\nthe secret body\n"
		if i%10 == 9 {
			text += strings.Repeat("and a long one\n", 10_000)
		}
		err = service.Deliver(t.Context(), "alice", strings.NewReader(text))
	}
	if err == nil {
		err = errors.Join(service.RemoveUser(t.Context(), "alice", true), service.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("the secret")) {
			t.Errorf("%s still has mail", path)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Error(files, err)
	}
	// The account can be used again.
	if service, err = Open(dir, sqlitestore.Options{}); err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	if err := service.AddUser(t.Context(), "alice", "secret"); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := service.Deliver(t.Context(), "alice", strings.NewReader("Subject: new\n\nmail\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := service.Check(t.Context(), false, func(p sqlitestore.Problem) { t.Error(p) }); err != nil {
		t.Error(err)
	}
}
