package script

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// peer is one connection, from the client's side.
type peer struct {
	conn    net.Conn
	in      *bufio.Reader
	log     func(side, text string)
	queued  string // octets of a literal that go out before the next line
	greeted bool
}

func newPeer(conn net.Conn, log func(side, text string)) *peer {
	conn = newPump(conn)
	return &peer{conn: conn, in: bufio.NewReader(conn), log: log}
}

func (p *peer) close() { _ = p.conn.Close() } // nothing is left to say on it

func (p *peer) write(data []byte) error {
	p.log("C", shorten(strings.TrimSuffix(string(data), "\r\n")))
	if err := p.conn.SetWriteDeadline(time.Now().Add(Timeout)); err != nil {
		return err
	}
	_, err := p.conn.Write(data)
	p.queued = ""
	return err
}

// read returns one response: its line and the literals that it announces,
// without the final CRLF.
func (p *peer) read() (string, error) {
	if err := p.conn.SetReadDeadline(time.Now().Add(Timeout)); err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		line, err := p.in.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			return b.String(), fmt.Errorf("%w after %q", err, b.String())
		}
		size, ok := literalSize(strings.TrimSuffix(line, "\r\n"))
		if !ok {
			break
		}
		if _, err := io.CopyN(&b, p.in, size); err != nil {
			return b.String(), fmt.Errorf("%w in a literal after %q", err, b.String())
		}
	}
	p.greeted = true
	text, ok := strings.CutSuffix(b.String(), "\r\n")
	if !ok {
		return text, fmt.Errorf("line %q does not end in CRLF", b.String())
	}
	p.log("S", shorten(text))
	return text, nil
}

// shorten keeps messages readable.
func shorten(text string) string {
	const most = 600
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s [… %d bytes]", text[:most], len(text))
}

// literalSize returns the length that a line announces at its end. Only
// untagged data and their continuations hold literals; text of a status does not.
func literalSize(line string) (int64, bool) {
	for _, status := range []string{"* OK", "* NO", "* BAD", "* BYE", "+ "} {
		if strings.HasPrefix(line, status) {
			return 0, false
		}
	}
	m := announced.FindStringSubmatch(line)
	if m == nil {
		return 0, false
	}
	size, err := strconv.ParseInt(m[1], 10, 64)
	return size, err == nil
}

// wantNone waits a moment and wants that nothing has come.
func (p *peer) wantNone() error {
	time.Sleep(Quiet)
	if err := p.conn.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return err
	}
	if _, err := p.in.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	got, err := p.read()
	return fmt.Errorf("want nothing\n  got %s (%v)", got, err)
}

// wantEOF wants that the server has closed the connection.
func (p *peer) wantEOF() error {
	if err := p.conn.SetReadDeadline(time.Now().Add(Timeout)); err != nil {
		return err
	}
	_, err := p.in.Peek(1)
	if err == nil {
		got, _ := p.read() // the error would only repeat that the line is broken
		return fmt.Errorf("want the end of the connection\n  got %s", got)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the connection is still open")
	}
	return nil
}

// startTLS makes the connection a TLS client that trusts everybody.
func (p *peer) startTLS(ctx context.Context) error {
	if p.in.Buffered() > 0 {
		return fmt.Errorf("the server sent data before the handshake")
	}
	if err := p.conn.SetReadDeadline(time.Now().Add(Timeout)); err != nil {
		return err
	}
	conn := tls.Client(p.conn, &tls.Config{InsecureSkipVerify: true}) // a test's own server
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	p.conn, p.in = conn, bufio.NewReader(conn)
	return nil
}
