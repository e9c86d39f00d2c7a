package script

import (
	"io"
	"net"
	"os"
	"time"
)

// pump is a connection that is always read, so that a server never waits for a
// script that is still writing: connections in memory have no buffers.
type pump struct {
	net.Conn
	chunks   chan []byte
	rest     []byte
	deadline time.Time
}

// pumpChunks is how many reads are kept for a script that does not look.
const pumpChunks = 1 << 12

func newPump(conn net.Conn) *pump {
	p := &pump{Conn: conn, chunks: make(chan []byte, pumpChunks)}
	go p.run()
	return p
}

func (p *pump) run() {
	defer close(p.chunks)
	for {
		b := make([]byte, 4<<10)
		n, err := p.Conn.Read(b)
		if n > 0 {
			p.chunks <- b[:n]
		}
		if err != nil {
			return
		}
	}
}

// Read implements net.Conn. Every end of the connection is io.EOF.
func (p *pump) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		timer := time.NewTimer(time.Until(p.deadline))
		defer timer.Stop()
		select {
		case chunk, ok := <-p.chunks:
			if !ok {
				return 0, io.EOF
			}
			p.rest = chunk
		case <-timer.C:
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// SetReadDeadline implements net.Conn.
func (p *pump) SetReadDeadline(t time.Time) error {
	p.deadline = t
	return nil
}
