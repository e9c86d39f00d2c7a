package bench

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// client is the least that speaks IMAP: it sends lines and waits for tagged answers.
type client struct {
	net.Conn
	r *bufio.Reader
}

// dial connects, reads the greeting and logs in.
func dial(b *testing.B, address string, secure bool, user string) *client {
	b.Helper()
	c := greet(b, address, secure)
	c.do(b, "LOGIN "+user+" "+password)
	return c
}

// password is what everybody has, where it matters.
const password = "open-sesame"

// greet connects and reads the greeting.
func greet(b *testing.B, address string, secure bool) *client {
	b.Helper()
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		b.Fatal(err)
	}
	if secure {
		// The certificate is of no interest here; internal/clients verifies it.
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	b.Cleanup(func() { conn.Close() })
	c := &client{conn, bufio.NewReaderSize(conn, 512)}
	c.line(b)
	return c
}

// line reads one line without its end.
func (c *client) line(b *testing.B) string {
	b.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimRight(line, "\r\n")
}

// send writes as it is.
func (c *client) send(b *testing.B, text string) {
	b.Helper()
	if _, err := io.WriteString(c.Conn, text); err != nil {
		b.Fatal(err)
	}
}

// do sends a command and expects OK; it returns the untagged lines.
func (c *client) do(b *testing.B, command string) []string {
	b.Helper()
	c.send(b, "t "+command+"\r\n")
	return c.finish(b)
}

// finish reads up to the tagged OK.
func (c *client) finish(b *testing.B) []string {
	b.Helper()
	var untagged []string
	for {
		line := c.line(b)
		if strings.HasPrefix(line, "t OK") {
			return untagged
		}
		if strings.HasPrefix(line, "t ") {
			b.Fatal(line)
		}
		untagged = append(untagged, line)
	}
}

// drain reads until a tagged OK at the end of what has come, through a large buffer and without looking at lines.
func (c *client) drain(b *testing.B, buffer []byte) (octets int) {
	b.Helper()
	kept := 0
	for {
		n, err := c.r.Read(buffer[kept:])
		if err != nil {
			b.Fatal(err)
		}
		octets += n
		have := buffer[:kept+n]
		if bytes.HasSuffix(have, []byte("\r\n")) {
			last := have[bytes.LastIndexByte(have[:len(have)-2], '\n')+1:]
			if bytes.HasPrefix(last, []byte("t OK")) {
				return octets
			}
		}
		// The last line may have come in part.
		kept = copy(buffer, have[max(0, len(have)-256):])
	}
}

// fill makes INBOX hold count small messages, by copying what is there.
func (c *client) fill(b *testing.B, count int) {
	b.Helper()
	const message = "From: bench@example.org\r\nSubject: filler\r\n\r\nbody\r\n"
	c.do(b, fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(message), message))
	c.do(b, "SELECT INBOX")
	for have := 1; have < count; {
		n := min(have, count-have)
		c.do(b, fmt.Sprintf("COPY 1:%d INBOX", n))
		have += n
	}
}

// try sends a whole command and returns what went wrong, for goroutines.
func (c *client) try(command string) error {
	if _, err := io.WriteString(c.Conn, command); err != nil {
		return err
	}
	for {
		line, err := c.r.ReadString('\n')
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(line, "t OK"):
			return nil
		case strings.HasPrefix(line, "t "):
			return fmt.Errorf("the server said %s", strings.TrimSpace(line))
		}
	}
}
