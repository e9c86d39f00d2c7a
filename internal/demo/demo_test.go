package demo

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

func TestSamples(t *testing.T) {
	samples, err := Samples()
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) != 8 {
		t.Fatalf("%d samples", len(samples))
	}
	last := time.Time{}
	for i, s := range samples {
		if bare := bytes.Count(s.Body, []byte("\n")) - bytes.Count(s.Body, []byte("\r\n")); bare != 0 {
			t.Errorf("%s: %d bare LF", s.Name, bare)
		}
		if !bytes.HasSuffix(s.Body, []byte("\r\n")) {
			t.Errorf("%s does not end with a line end", s.Name)
		}
		for line := range bytes.Lines(s.Body) {
			if len(line) > 998+2 { // RFC 5322 §2.1.1
				t.Errorf("%s: a line of %d octets: %q", s.Name, len(line), line)
			}
		}
		if !s.InternalDate.After(last) {
			t.Errorf("%s is older than the message before it", s.Name)
		}
		last = s.InternalDate
		if unseen := i >= 3; unseen == s.Flags.Has(imap.FlagSeen) {
			t.Errorf("%s: flags %v", s.Name, s.Flags)
		}
	}
}

// TestSamplesNameNobody: the samples use only domains that RFC 2606 reserves.
func TestSamplesNameNobody(t *testing.T) {
	samples, err := Samples()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		message, err := mail.ReadMessage(bytes.NewReader(s.Body))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"From", "To", "Cc", "Reply-To"} {
			list, err := message.Header.AddressList(field)
			if err != nil && err != mail.ErrHeaderNotPresent {
				t.Errorf("%s: %s: %v", s.Name, field, err)
			}
			for _, address := range list {
				if !reserved(address.Address) {
					t.Errorf("%s: %s names %s", s.Name, field, address.Address)
				}
			}
		}
	}
}

func reserved(address string) bool {
	for _, domain := range []string{"example.com", "example.org", "example.net"} {
		if bytes.HasSuffix([]byte(address), []byte(domain)) {
			return true
		}
	}
	return false
}

// record is what a client sees of a mailbox first.
type record struct {
	Name                     string
	Use                      string
	Messages, Unseen, Recent uint32
	UIDNext                  imap.UID
	Subscribed               bool
}

func records(t *testing.T, account store.Account) []record {
	t.Helper()
	mailboxes, err := account.Mailboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []record
	for _, m := range mailboxes {
		list = append(list, record{m.Name, m.Use.String(), m.Messages, m.Unseen, m.Recent, m.UIDNext, m.Subscribed})
	}
	return list
}

func open(t *testing.T, s *Store, id string) store.Account {
	t.Helper()
	account, err := s.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func closeAccount(t *testing.T, account store.Account) {
	t.Helper()
	if err := account.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewAccount(t *testing.T) {
	s := NewStore()
	defer s.Close()
	want := []record{
		{"Archive", `\Archive`, 0, 0, 0, 1, true},
		{"Drafts", `\Drafts`, 0, 0, 0, 1, true},
		{"INBOX", ``, 0, 0, 0, 1, true},
		{"Junk", `\Junk`, 0, 0, 0, 1, true},
		{"Sent", `\Sent`, 0, 0, 0, 1, true},
		{"Trash", `\Trash`, 0, 0, 0, 1, true},
	}
	account := open(t, s, "nobody yet")
	defer closeAccount(t, account)
	if diff := cmp.Diff(want, records(t, account)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSampleMailbox opens the account again and again: it always begins in the same way.
func TestSampleMailbox(t *testing.T) {
	s := NewStore()
	defer s.Close()
	for round := range 3 {
		first := open(t, s, SampleAccount)
		inbox, err := first.Lookup(t.Context(), "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(inbox.Messages, inbox.Recent, inbox.Unseen, inbox.UIDValidity, inbox.UIDNext)
		if want := "8 4 5 1 9"; got != want {
			t.Errorf("round %d: messages, recent, unseen, UIDVALIDITY, UIDNEXT: %s, want %s", round, got, want)
		}
		claimed, err := first.ClaimRecent(t.Context(), inbox.ID)
		if err != nil || claimed != (store.RecentRange{From: 5, To: 9}) {
			t.Errorf("round %d: recent %v, %v", round, claimed, err)
		}
		// A second session beside the first has nothing recent, and does not reset it when it ends.
		second := open(t, s, SampleAccount)
		closeAccount(t, second)
		claimed, err = first.ClaimRecent(t.Context(), inbox.ID)
		if err != nil || claimed.From != claimed.To {
			t.Errorf("round %d: recent again for a second session: %v, %v", round, claimed, err)
		}
		closeAccount(t, first)
	}
}

func TestSampleBodies(t *testing.T) {
	s := NewStore()
	defer s.Close()
	account := open(t, s, SampleAccount)
	defer closeAccount(t, account)
	inbox, err := account.Lookup(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	samples, err := Samples()
	if err != nil {
		t.Fatal(err)
	}
	for i, sample := range samples {
		body, err := account.Body(t.Context(), inbox.ID, imap.UID(i+1))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
		if err != nil || !bytes.Equal(data, sample.Body) {
			t.Errorf("%s came back otherwise (%v)", sample.Name, err)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestConcurrentFirstLogin: nobody sees an account that is half made.
func TestConcurrentFirstLogin(t *testing.T) {
	s := NewStore()
	defer s.Close()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			account, err := s.Account(t.Context(), SampleAccount)
			if err != nil {
				t.Error(err)
				return
			}
			inbox, err := account.Lookup(t.Context(), "INBOX")
			if err != nil || inbox.Messages != 8 {
				t.Errorf("%d messages, %v", inbox.Messages, err)
			}
			if err := account.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestCertificate(t *testing.T) {
	now := time.Now()
	certificate, err := NewCertificate(now)
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(certificate.PEM)
	if block == nil || len(rest) != 0 {
		t.Fatalf("not one PEM block: %q", certificate.PEM)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "example.org", Roots: roots}); err == nil {
		t.Error("the certificate is good for example.org")
	}
	if len(certificate.SHA256) != 32*3-1 || certificate.SHA256 != Fingerprint(sha256.Sum256(block.Bytes)) {
		t.Errorf("fingerprint %s", certificate.SHA256)
	}
	if !bytes.Equal(certificate.TLS.Certificate[0], block.Bytes) {
		t.Error("the server shows another certificate than the file")
	}
}
