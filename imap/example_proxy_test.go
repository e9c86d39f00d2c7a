package imap_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// filter is a proxy's view of one connection: users behind it can neither delete mailboxes nor see those below
// "Private". Both directions are decoded, so that no other spelling of a command or a name gets around it.
//
// In real life each direction has a goroutine, and writing to the client a lock. Clients use LOGIN: AUTHENTICATE, which
// is an exchange of lines, is refused to keep this short.
type filter struct {
	client, server io.Writer // where answers and commands go
	encoder        imap.Encoder
	decoder        imap.Decoder
	idle           bool // the client's next line ends IDLE
	rest           bool // the client's next frame is what follows the message of an APPEND
}

// commands passes on what a client says. Everything is encoded anew: the server gets what the filter has understood,
// and nothing else.
func (f *filter) commands(client io.Reader) error {
	f.encoder.LiteralPlus = true // the server's; no waiting for its "+", which the client has had from the filter
	reader := imap.NewReader(client, imap.Client, imap.Limits{})
	reader.Continue = func() error { return say(f.client, "+ go ahead\r\n") }
	reader.Accept = func(prefix []byte, size int64, _, _ bool) imap.Verdict {
		if words := bytes.Fields(prefix); len(words) > 1 && bytes.EqualFold(words[1], []byte("APPEND")) {
			return imap.Stream // messages go through in pieces, whatever their size
		}
		return imap.Buffer
	}
	for {
		frame, err := reader.Next()
		if err != nil {
			return err
		}
		if err := f.command(frame); err != nil {
			return err
		}
	}
}

// command passes on one command, the end of IDLE, or the end of an APPEND.
func (f *filter) command(frame imap.Frame) error {
	if f.idle {
		f.idle = false
		return say(f.server, "DONE\r\n")
	}
	if f.rest {
		f.rest = false
		_, err := f.decoder.AppendRest(frame)
		return err // nothing but the end of the line, which has been sent
	}
	tag, command, err := f.decoder.Command(frame)
	if err != nil {
		return say(f.client, tag+" BAD "+err.Error()+"\r\n")
	}
	switch c := command.(type) {
	case *imap.Delete, *imap.Authenticate, *imap.UnknownCommand:
		return say(f.client, tag+" NO [NOPERM] not through this proxy\r\n")
	case *imap.Idle:
		f.idle = true
	case *imap.Append:
		f.rest = frame.Pending != nil
	case *imap.Select:
		if private(c.Mailbox) {
			return say(f.client, tag+" NO [NONEXISTENT] no such mailbox\r\n")
		}
	}
	out, err := f.encoder.AppendCommand(nil, tag, command)
	if err != nil {
		return err
	}
	return send(f.server, out, f.encoder.Breaks())
}

// responses passes on what a server says, as it is, except for mailboxes that the client must not see.
func (f *filter) responses(server io.Reader) error {
	reader := imap.NewReader(server, imap.Server, imap.Limits{})
	var decoder imap.Decoder
	for {
		frame, err := reader.Next()
		if err != nil {
			return err
		}
		response, err := decoder.Response(frame)
		if err != nil {
			return fmt.Errorf("the server says what nobody understands: %w", err)
		}
		if list, ok := response.(*imap.ListData); ok && private(list.Mailbox) {
			continue
		}
		if err := say(f.client, string(frame.Bytes)); err != nil {
			return err
		}
	}
}

// private compares names as users see them: modified UTF-7 could hide one.
func private(mailbox string) bool {
	name, err := imap.DecodeMailbox(mailbox, false)
	return err != nil || name == "Private" || strings.HasPrefix(name, "Private/")
}

// send writes what an encoder made, with the streams that belong into it.
func send(w io.Writer, out []byte, breaks []imap.Break) error {
	sent := 0
	for _, b := range breaks {
		if err := say(w, string(out[sent:b.Offset])); err != nil {
			return err
		}
		sent = b.Offset
		if b.Body == nil {
			continue
		}
		if _, err := io.CopyN(w, b.Body, b.Size); err != nil {
			return err
		}
	}
	return say(w, string(out[sent:]))
}

func say(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// A filtering proxy decodes both directions and passes on what it allows.
func Example_proxy() {
	var toServer, toClient bytes.Buffer
	f := &filter{server: &toServer, client: &toClient}
	err := f.commands(strings.NewReader("a1 login alice \"correct horse\"\r\n" +
		"a2 DELETE {7}\r\nArchive\r\n" +
		"a3 SELECT Private/Letters\r\n" +
		"a4 APPEND Archive (\\Seen) {7+}\r\n1\r\n2\r\n3\r\n" +
		"a5 FETCH 1 FLAGS\r\n"))
	if !errors.Is(err, io.EOF) {
		log.Fatal(err)
	}
	err = f.responses(strings.NewReader("* LIST () \"/\" INBOX\r\n" +
		"* LIST () \"/\" Private\r\n" +
		"* LIST () \"/\" {15}\r\nPrivate/Letters\r\n" +
		"a6 OK LIST completed\r\n"))
	if !errors.Is(err, io.EOF) {
		log.Fatal(err)
	}
	unix := strings.NewReplacer("\r\n", "\n")
	fmt.Print("To the server:\n", unix.Replace(toServer.String()))
	fmt.Print("To the client:\n", unix.Replace(toClient.String()))
	// Output:
	// To the server:
	// a1 LOGIN alice "correct horse"
	// a4 APPEND Archive (\Seen) {7+}
	// 1
	// 2
	// 3
	// a5 FETCH 1 (FLAGS)
	// To the client:
	// + go ahead
	// a2 NO [NOPERM] not through this proxy
	// a3 NO [NONEXISTENT] no such mailbox
	// * LIST () "/" INBOX
	// a6 OK LIST completed
}
