package session

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// link is the byte stream of a connection, seen from its session: it sends what
// has been gathered before it waits for the client, and it gives up on clients
// that are silent or do not read.
type link struct {
	conn net.Conn // what is read and written; STARTTLS replaces it
	raw  net.Conn // what it began as; takes deadlines and is closed
	out  *writer

	timeout      time.Duration // for one wait; 0 or less is for ever
	until        time.Time     // when to give up whatever comes; zero for never
	quiet        bool          // Read does not wait longer than quietTime
	deadline     time.Time     // as set for reading; zero for none
	writeTimeout time.Duration
	writeArmed   time.Time
	stopping     atomic.Bool

	held  [1]byte // an octet that wait has read
	holds bool
}

// errStopping is what reading gives once the server shuts down.
var errStopping = errors.New("session: shutting down")

// errQuiet is what reading gives when nothing has come for quietTime, if that is
// wanted.
var errQuiet = errors.New("session: quiet")

// quietTime is how long a connection keeps what it needs to work while its
// client says nothing.
const quietTime = 10 * time.Second

// Read sends what is gathered, then reads. It implements io.Reader for the
// codec's reader, which calls it when it has no complete command.
func (l *link) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if l.holds {
		l.holds = false
		p[0] = l.held[0]
		return 1, nil
	}
	if err := l.out.flush(); err != nil {
		return 0, err
	}
	if err := l.armRead(); err != nil {
		return 0, err
	}
	n, err := l.conn.Read(p)
	if n == 0 && l.quiet && isTimeout(err) && !l.stopping.Load() && !l.isOver(time.Now()) {
		err = errQuiet
	}
	return n, err
}

// isOver tells whether it is too late to wait any longer.
func (l *link) isOver(now time.Time) bool { return !l.until.IsZero() && !now.Before(l.until) }

// wait blocks until there is something to read, without a buffer. The connection
// must hold nothing that it has read already: see drain.
func (l *link) wait() error {
	if l.holds {
		return nil
	}
	if err := l.armRead(); err != nil {
		return err
	}
	if l.conn != l.raw {
		if waited, err := waitReadable(l.raw); waited || err != nil {
			return err
		}
	}
	_, err := io.ReadFull(l.conn, l.held[:])
	l.holds = err == nil
	return err
}

// drain takes over an octet that TLS has read from the network already, if there
// is one, as nothing may come after it to wait for.
func (l *link) drain() {
	if l.conn == l.raw || l.holds {
		return
	}
	l.deadline = time.Unix(1, 0)
	if l.raw.SetReadDeadline(l.deadline) != nil {
		// Without deadlines the octet is found when the client sends more.
		return
	}
	n, _ := l.conn.Read(l.held[:]) // wait meets every error that lasts
	l.holds = n > 0
}

// drop forgets what wait has read.
func (l *link) drop() { l.holds = false }

// armRead sets the deadline for one wait. Deadlines are set with an eighth of
// the time to spare, so that most waits need not set one.
func (l *link) armRead() error {
	if l.stopping.Load() {
		return errStopping
	}
	soonest, latest := l.bounds(time.Now())
	if !l.deadline.Before(soonest) && !l.deadline.After(latest) {
		return nil
	}
	l.deadline = latest
	if err := l.raw.SetReadDeadline(latest); err != nil {
		return err
	}
	// interrupt may have set its deadline just before.
	if l.stopping.Load() {
		return errStopping
	}
	return nil
}

// bounds returns between which times a wait that begins now may end; zero for
// never.
func (l *link) bounds(now time.Time) (soonest, latest time.Time) {
	wait := max(l.timeout, 0)
	if l.quiet && (wait == 0 || wait > quietTime) {
		wait = quietTime
	}
	if wait > 0 {
		soonest, latest = now.Add(wait), now.Add(wait+wait/8)
	}
	if !l.until.IsZero() && (wait == 0 || latest.After(l.until)) {
		latest = l.until
		if wait == 0 || soonest.After(latest) {
			soonest = latest
		}
	}
	return soonest, latest
}

// Write writes to the client with the deadline for writing.
func (l *link) Write(p []byte) (int, error) {
	if l.writeTimeout > 0 {
		if now := time.Now(); now.Sub(l.writeArmed) > l.writeTimeout/8 {
			l.writeArmed = now
			if err := l.raw.SetWriteDeadline(now.Add(l.writeTimeout + l.writeTimeout/8)); err != nil {
				return 0, err
			}
		}
	}
	return l.conn.Write(p)
}

// expire limits the time until a client has authenticated; setTimeout lifts that
// limit and limits the time for one wait.
func (l *link) expire(until time.Time) error {
	l.until, l.deadline = until, until
	return l.raw.SetReadDeadline(until)
}

func (l *link) setTimeout(d time.Duration) { l.timeout, l.until = d, time.Time{} }

// interrupt makes the present and all later waits end with an error. Any
// goroutine may call it.
func (l *link) interrupt() {
	l.stopping.Store(true)
	// Without deadlines the wait ends when the connection is closed.
	_ = l.raw.SetReadDeadline(time.Unix(1, 0))
}

// Bounds of what finish waits for.
const (
	lingerTime   = 500 * time.Millisecond
	lingerOctets = 256 << 10
)

// finish ends the connection so that the client gets all that was sent to it:
// TLS ends properly, and the socket is not closed with input that nobody has
// read, which would make the client's system drop what it has not read itself.
func (l *link) finish() {
	defer l.close()
	if l.conn != l.raw {
		// The client may have gone, and need not be told.
		_ = l.raw.SetWriteDeadline(time.Now().Add(lingerTime))
		_ = l.conn.(*tls.Conn).CloseWrite()
	}
	half, ok := l.raw.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if l.raw.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, l.raw, lingerOctets) // until the client closes
	}
}

// close closes the connection. Any goroutine may call it.
func (l *link) close() {
	// The connection is given up, whatever its last words.
	_ = l.raw.Close()
}

// isTimeout tells whether a wait ended because of its deadline.
func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// asConn makes a net.Conn of a stream that may have no deadlines.
func asConn(rwc io.ReadWriteCloser) net.Conn {
	if c, ok := rwc.(net.Conn); ok {
		return c
	}
	return streamConn{rwc}
}

// streamConn is a stream without addresses. Deadlines reach the stream if it
// has them.
type streamConn struct{ io.ReadWriteCloser }

func (streamConn) LocalAddr() net.Addr  { return nil }
func (streamConn) RemoteAddr() net.Addr { return nil }

func (c streamConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c streamConn) SetReadDeadline(t time.Time) error {
	if d, ok := c.ReadWriteCloser.(interface{ SetReadDeadline(time.Time) error }); ok {
		return d.SetReadDeadline(t)
	}
	return nil
}

func (c streamConn) SetWriteDeadline(t time.Time) error {
	if d, ok := c.ReadWriteCloser.(interface{ SetWriteDeadline(time.Time) error }); ok {
		return d.SetWriteDeadline(t)
	}
	return nil
}
