package lmtp

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"github.com/imapsrv/imapsrv/internal/admin"
)

// session is one connection after LHLO: what the library calls.
type session struct {
	server     *Server
	conn       *conn
	helo       string
	from       string
	recipients []recipient
}

// recipient is an address and whose it is.
type recipient struct{ address, user string }

var _ smtp.LMTPSession = (*session)(nil)

// Reset forgets the transaction.
func (s *session) Reset() { s.from, s.recipients = "", nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// Mail begins a transaction.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !sayable(from) {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 7}, Message: "this address has characters that no header can have"}
	}
	s.from = from
	return nil
}

// Rcpt takes a recipient who is a user.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !sayable(to) {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 3}, Message: "this address has characters that no header can have"}
	}
	user, err := s.server.mail.Recipient(s.server.ctx, to)
	if err != nil {
		return s.answer(to, err)
	}
	s.recipients = append(s.recipients, recipient{to, user})
	return nil
}

// sayable tells whether an address can stand in a header: it brings no line of its own.
func sayable(address string) bool {
	return utf8.ValidString(address) && !strings.ContainsFunc(address, unicode.IsControl)
}

// Data is for SMTP. The library does not call it.
func (s *session) Data(io.Reader) error {
	return &smtp.SMTPError{Code: 502, EnhancedCode: smtp.EnhancedCode{5, 5, 1}, Message: "this is LMTP"}
}

// LMTPData reads a message and delivers it to each recipient. After DATA it is read below the library; with BDAT, which
// says how long it is (RFC 3030), it is r.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	message, err := s.read(r)
	if err != nil {
		return s.answer("", err)
	}
	defer func() { _ = message.Close() }() // nothing depends on what is thrown away
	s.deliverAll(message, status)
	return nil
}

func (s *session) read(r io.Reader) (*admin.Message, error) {
	if !s.conn.inMessage() {
		return s.server.mail.ReadMessage(r)
	}
	b := &body{conn: s.conn, timeout: s.server.timeout}
	message, err := s.server.mail.ReadMessage(b)
	if !b.ended {
		b.drop(s.server.mail.Limit())
	}
	return message, err
}

// parallel is how many of a message's recipients are served at a time. They wait for the disk, most of the time.
const parallel = 8

// deliverAll delivers a message once to each address, and sets the status of each recipient: the library sends them in
// their order.
func (s *session) deliverAll(message *admin.Message, status smtp.StatusCollector) {
	times := make(map[recipient]int)
	var order []recipient
	for _, r := range s.recipients {
		if times[r]++; times[r] == 1 {
			order = append(order, r)
		}
	}
	var running sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for _, r := range order {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			err := s.deliver(r, message)
			for range times[r] {
				status.SetStatus(r.address, err)
			}
		})
	}
	running.Wait()
}

func (s *session) deliver(r recipient, message *admin.Message) error {
	id := rand.Text()[:12]
	err := s.server.mail.DeliverMessage(s.server.ctx, r.user, s.header(r, id), message)
	if err != nil {
		return s.answer(r.address, err)
	}
	s.server.log.Info("delivered", "from", s.from, "to", r.address, "user", r.user, "size", message.Size(), "id", id)
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 1, 5}, Message: "delivered, " + id}
}

// header is what a delivery puts before a message (RFC 5321 §4.4).
func (s *session) header(r recipient, id string) string {
	return fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: from %s\r\n\tby %s with LMTP id %s\r\n\tfor <%s>; %s\r\n",
		s.from, r.address, s.client(), s.server.host, id, r.address, time.Now().Format(time.RFC1123Z))
}

// client is what the client says it is, and where it is if that can be told.
func (s *session) client() string {
	name := s.helo
	if name == "" || !sayable(name) || strings.ContainsAny(name, " ()<>\"\\;") {
		name = "unknown"
	}
	if a := s.conn.RemoteAddr(); a != nil && a.Network() == "tcp" {
		return fmt.Sprintf("%s (%s)", name, a)
	}
	return name
}

// answer is what the client is told of an error, which is also logged where the server is at fault.
func (s *session) answer(to string, err error) error {
	answers := map[admin.Kind]smtp.SMTPError{
		admin.NoUser:  {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "there is no such user"},
		admin.TooBig:  {Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "the message is too big"},
		admin.Full:    {Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "the user's quota would be exceeded"},
		admin.Refused: {Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "the message is refused"},
		admin.Later:   {Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "this is not possible now"},
		admin.Failed:  {Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "something is broken here"},
	}
	kind := admin.KindOf(err)
	if kind == admin.Later || kind == admin.Failed {
		s.server.log.Error("delivery failed", "from", s.from, "to", to, "err", err)
	} else {
		s.server.log.Info("delivery refused", "from", s.from, "to", to, "reason", err)
	}
	reply := answers[kind]
	return &reply
}
