package admin

import (
	"errors"
	"log"
	"net/http"
	"os"
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
	complaints := make(chan string, 100)
	server := &http.Server{
		Handler:  service.Handler(&session.Server{Store: service.Store}),
		ErrorLog: log.New(complain(complaints), "", 0),
	}
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
	for range 5 {
		if err := client.Deliver(t.Context(), "a", strings.NewReader("Subject: x\r\n\r\ny\r\n")); err != nil {
			t.Error(err)
		}
	}
	if err := client.Deliver(t.Context(), "nobody", strings.NewReader("x")); KindOf(err) != NoUser {
		t.Errorf("%v", err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	select {
	case c := <-complaints:
		t.Errorf("the HTTP server complains: %s", c)
	default:
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// complain collects what an HTTP server logs.
type complain chan string

func (c complain) Write(p []byte) (int, error) {
	select {
	case c <- string(p):
	default: // there are enough of them
	}
	return len(p), nil
}

// TestDeliverWithoutAccount: mail for a user whose account is not there, as when a file system was not mounted, comes
// once more. It is not refused for good.
func TestDeliverWithoutAccount(t *testing.T) {
	dir := t.TempDir()
	service, err := Open(dir, sqlitestore.Options{})
	if err == nil {
		err = errors.Join(service.AddUser(t.Context(), "alice", "secret"), service.Close())
	}
	if err == nil {
		err = os.Rename(filepath.Join(dir, "accounts"), filepath.Join(dir, "elsewhere"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if service, err = Open(dir, sqlitestore.Options{}); err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	err = service.Deliver(t.Context(), "alice", strings.NewReader("Subject: x\n\ny\n"))
	if KindOf(err) != Failed || !strings.Contains(err.Error(), `"alice"`) {
		t.Errorf("%v is %q", err, KindOf(err))
	}
}
