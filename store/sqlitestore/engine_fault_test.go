package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/crash"
	"github.com/imapsrv/imapsrv/store"
)

// engineSteps is how many commands a run of TestEngineFaults gives.
const engineSteps = 25

// TestEngineFaults lets the disk fail at one call after the other under a
// server: the client is told NO [UNAVAILABLE], the command has left nothing
// half done, nothing acknowledged is lost, and the next command works.
func TestEngineFaults(t *testing.T) {
	dry := newEngineRun(t, nil, engineUsers[:1], 1)
	start := dry.disk.count()
	if err := dry.load.Steps(engineSteps, dry.dial, rand.New(rand.NewPCG(1, 1))); err != nil {
		t.Fatal(err)
	}
	total := dry.disk.count() - start
	step := 4 * *faultStep
	if *faultStep == 1 {
		step = 1
	}
	for _, fault := range []error{errIO, errFull, io.ErrShortWrite} {
		t.Run(fault.Error(), func(t *testing.T) {
			refused := 0
			for n := 1 + rand.IntN(step); n < total && !t.Failed(); n += step {
				refused += engineFault(t, n, fault)
			}
			if refused == 0 {
				t.Error("no command has been refused")
			}
			t.Logf("%d calls, %d commands refused", total, refused)
		})
	}
}

// engineFault lets the n-th call fail, and returns how many commands were
// refused.
func engineFault(t *testing.T, n int, fault error) (refused int) {
	r := newEngineRun(t, nil, engineUsers[:1], 1)
	defer r.store.Close() // many are made
	r.load.Refused = func(no *crash.Refusal) error {
		refused++
		if fault == errFull { // reading goes on
			if err := r.load.Verify(r.dial); err != nil {
				return fmt.Errorf("while the disk is full: %w", err)
			}
		}
		r.disk.setFault(nil)
		if no.Kind != imap.StatusNO || !no.HasCode("UNAVAILABLE") {
			return fmt.Errorf("want NO [UNAVAILABLE]: %w", no)
		}
		return nil
	}
	at := r.disk.count() + n
	r.disk.setFault(func(call, _ string) error {
		happened := r.disk.calls == at
		switch fault {
		case errFull: // until there is room again
			happened = r.disk.calls >= at && (call == "write" || call == "mkdir")
		case io.ErrShortWrite: // half of it, as with every write that fails
			happened = r.disk.calls >= at && call == "write"
		}
		if happened {
			return fault
		}
		return nil
	})
	err := r.load.Steps(engineSteps, r.dial, rand.New(rand.NewPCG(1, 1)))
	r.disk.setFault(nil)
	if err == nil {
		err = r.load.Verify(r.dial)
	}
	if err == nil {
		err = r.restart(r.load.Snapshot, false)
	}
	if err != nil {
		t.Errorf("%v at call %d: %v", fault, n, err)
	}
	return refused
}

// TestEngineDamage damages a body, a page, and a whole database under a server:
// the message, mailbox or account is NO [CORRUPTION], the log names the file
// and says what to do, and the rest goes on.
func TestEngineDamage(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, account string)
		file   string
		hurt   imap.Command // what is refused
		fine   imap.Command // what is not
	}{
		{
			"body in a segment", func(t *testing.T, account string) { flipIn(t, account, "*.segment", 50) }, ".segment",
			fetchBody(1), fetchBody(2),
		},
		{
			"body in a file", func(t *testing.T, account string) { flipIn(t, account, "*.body", 50) }, ".body",
			fetchBody(3), fetchBody(2),
		},
		{"page", damagePage, databaseName, &imap.Select{Mailbox: "box"}, fetchBody(2)},
		{"database", damageDatabase, databaseName, &imap.Select{Mailbox: "INBOX"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			opts := Options{Logger: quiet}
			s := openStore(t, dir, opts)
			for _, user := range engineUsers {
				fillDamaged(t, s, user)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			test.damage(t, filepath.Join(dir, accountsDir, engineUsers[0]))
			var log logged
			opts.Logger = logTo(&log)
			s = openStore(t, dir, opts)
			dial := listenLocally(t, s)
			wantRefused(t, dial, engineUsers[0], test.hurt)
			if text := log.String(); !strings.Contains(text, test.file) || !strings.Contains(text, "imapsrv check --repair") {
				t.Errorf("the log says\n%s", text)
			}
			if test.fine != nil {
				wantDone(t, dial, engineUsers[0], test.fine)
			}
			wantDone(t, dial, engineUsers[1], test.hurt)
		})
	}
}

// listenLocally is serveStore for clients that log in.
func listenLocally(t *testing.T, s *Store) crash.Dial {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	anybody := func(_ context.Context, _ session.Peer, c session.Credentials) (*session.Identity, error) {
		return &session.Identity{Account: c.User}, nil
	}
	server := &session.Server{Store: s, Log: quiet, Auth: session.Passwords(anybody)}
	go func() { _ = server.Serve(session.Listener{Listener: l}) }() // it ends with the server
	t.Cleanup(func() { _ = server.Close() })
	return func(user string) (*crash.Client, error) {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return nil, err
		}
		c, err := crash.NewClient(conn)
		if err != nil {
			return nil, err
		}
		return c, c.Login(user, "any")
	}
}

// TestEngineDamageInTheMiddle: damage is found when a part of the message is
// on its way. It never ends in OK, and the server goes on.
func TestEngineDamageInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	var log logged
	opts := Options{Logger: logTo(&log)}
	s := openStore(t, dir, opts)
	fillDamaged(t, s, "alice")
	flipIn(t, filepath.Join(dir, accountsDir, "alice"), "*.body", ownFile+5)
	dial := listenLocally(t, s)
	c, err := dial("alice")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Do(&imap.Select{Mailbox: store.Inbox}); err != nil {
		t.Fatal(err)
	}
	if answer, err := c.Do(fetchBody(3)); err == nil {
		t.Errorf("%+v", answer.Tagged)
	}
	if text := log.String(); !strings.Contains(text, ".body") || !strings.Contains(text, "imapsrv check --repair") {
		t.Errorf("the log says\n%s", text)
	}
	wantDone(t, dial, "alice", fetchBody(2))
}

// logged is a log that several goroutines write.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// fillDamaged makes an account with three messages, the third one in a file,
// and one in another mailbox.
func fillDamaged(t *testing.T, s *Store, user string) {
	t.Helper()
	a, id := newAccount(t, s, user)
	for i, size := range []int{100, 100, ownFile + 10} {
		appendText(t, a, id, strings.Repeat(fmt.Sprintln(i), size/2))
	}
	box, err := a.Create(t.Context(), store.NewMailbox{Name: "box"})
	if err != nil {
		t.Fatal(err)
	}
	appendText(t, a, box.ID, "text")
}

func flipIn(t *testing.T, account, pattern string, offset int64) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(account, "*", pattern))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	flip(t, names[0], offset)
}

// damagePage damages the page of the second mailbox: its last octet, which is
// of the checksum and so may have any value before.
func damagePage(t *testing.T, account string) {
	t.Helper()
	db, err := sqlite.OpenConn(filepath.Join(account, databaseName), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{Conn: db}
	err = c.exec("UPDATE page SET data = CAST(substr(data, 1, length(data) - 1) || CASE substr(data, -1) WHEN x'ff' THEN x'00' ELSE x'ff' END AS BLOB)" +
		" WHERE key = (SELECT max(key) FROM page)")
	if err == nil && db.Changes() != 1 {
		t.Error("there is no page")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// damageDatabase overwrites the beginning.
func damageDatabase(t *testing.T, account string) {
	t.Helper()
	f, err := osFiles{}.open(filepath.Join(account, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(bytes.Repeat([]byte("garbage "), 1000), 0)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func fetchBody(uid uint32) imap.Command {
	return &imap.Fetch{
		UID: true, Set: imap.SequenceSet{Ranges: []imap.NumRange{{Start: uid, Stop: uid}}},
		Items: []imap.FetchAtt{{Kind: imap.FetchAttBodySection, Peek: true}},
	}
}

// oneCommand gives a command with a connection of its own, in INBOX if that
// can be.
func oneCommand(t *testing.T, dial crash.Dial, user string, cmd imap.Command) (crash.Answer, error) {
	t.Helper()
	c, err := dial(user)
	if err != nil {
		return crash.Answer{}, err
	}
	defer c.Close()
	if _, ok := cmd.(*imap.Fetch); ok {
		if _, err := c.Do(&imap.Select{Mailbox: store.Inbox}); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := c.Do(cmd)
	if _, e := c.Do(&imap.Noop{}); e != nil {
		t.Errorf("the connection is of no use after %v: %v", err, e)
	}
	return answer, err
}

func wantRefused(t *testing.T, dial crash.Dial, user string, cmd imap.Command) {
	t.Helper()
	var no *crash.Refusal
	if _, err := oneCommand(t, dial, user, cmd); !errors.As(err, &no) || no.Kind != imap.StatusNO || !no.HasCode("CORRUPTION") {
		t.Errorf("%s: %v, want NO [CORRUPTION]", imap.CommandName(cmd), err)
	}
}

func wantDone(t *testing.T, dial crash.Dial, user string, cmd imap.Command) {
	t.Helper()
	answer, err := oneCommand(t, dial, user, cmd)
	if err != nil {
		t.Errorf("%s: %v", imap.CommandName(cmd), err)
	}
	if _, ok := cmd.(*imap.Fetch); ok && len(answer.Untagged) != 1 {
		t.Errorf("%d messages", len(answer.Untagged))
	}
}
