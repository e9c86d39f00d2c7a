package admin

import (
	"errors"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// TestLongPath: the socket is reached where its path is longer than the system's limit, and errors keep their kinds.
func TestLongPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a way around the limit")
	}
	dir := filepath.Join(t.TempDir(), strings.Repeat("x", 150))
	service, err := Open(dir, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	l, err := service.Listen()
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: service.Handler(&session.Server{Store: service.Store})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	client, err := Connect(t.Context(), dir, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := client.(*Client); !ok {
		t.Fatalf("%T, though a server answers", client)
	}
	if err := client.AddUser(t.Context(), "a", "b"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]Kind{"a": Refused, " a": Refused, "a\x00": Refused, "": Refused} {
		if err := client.AddUser(t.Context(), name, "b"); err == nil || KindOf(err) != want {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
	if err := client.Deliver(t.Context(), "nobody", strings.NewReader("x")); KindOf(err) != NoUser {
		t.Errorf("%v", err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
