package lmtp

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"sync"
	"time"
)

// conn is a connection below the library. The library gets no more than one line at a time, so that it never holds
// octets of the message that its client sends after DATA: those are read with body. Once they have been, the library is
// given the end of an empty message.
type conn struct {
	net.Conn
	in    *bufio.Reader
	end   []byte // what Read gives before anything else
	freed func() // called once, by the first Close

	mu       sync.Mutex
	stopping bool // the server shuts down: no more commands
	message  bool // DATA has been answered with 354, and the message has not ended
	once     sync.Once
}

func newConn(c net.Conn, freed func()) *conn {
	return &conn{Conn: c, in: bufio.NewReaderSize(c, 16<<10), freed: freed}
}

// Read gives the library at most the rest of one line.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.end) > 0 {
		n := copy(p, c.end)
		c.end = c.end[n:]
		return n, nil
	}
	if c.isStopping() {
		return 0, os.ErrDeadlineExceeded
	}
	if _, err := c.in.Peek(1); err != nil {
		return 0, err
	}
	ready, err := c.in.Peek(min(len(p), c.in.Buffered()))
	if err != nil {
		return 0, err
	}
	if lf := bytes.IndexByte(ready, '\n'); lf >= 0 {
		ready = ready[:lf+1]
	}
	return c.in.Read(p[:len(ready)])
}

// Write notices when the library asks for a message: no other answer begins with 354 (RFC 5321 §4.2).
func (c *conn) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("354 ")) {
		c.setMessage(true)
	}
	return c.Conn.Write(p)
}

// Close closes the connection and makes room for another one.
func (c *conn) Close() error {
	c.once.Do(c.freed)
	return c.Conn.Close()
}

// SetReadDeadline is set by the library before each command. A server that shuts down waits for none.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping && !c.message {
		t = past
	}
	return c.Conn.SetReadDeadline(t)
}

var past = time.Unix(1, 0)

// stop ends a connection that waits for a command at once, and others after the present message.
func (c *conn) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	if !c.message {
		_ = c.Conn.SetReadDeadline(past) // a connection that cannot be woken is closed later
	}
}

func (c *conn) isStopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}

func (c *conn) setMessage(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.message = on
}

func (c *conn) inMessage() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.message
}
