package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// BenchmarkIdle is what a client costs that does nothing: logged in, INBOX selected, in IDLE. Goals: 8 KiB resident
// each over 5,000 connections, 20 KiB with TLS. Dovecot takes a process each.
func BenchmarkIdle(b *testing.B) {
	b.Run("plain", func(b *testing.B) { idle(b, false, 8) })
	b.Run("tls", func(b *testing.B) { idle(b, true, 20) })
}

func idle(b *testing.B, secure bool, goal float64) {
	const connections, warm, perAccount = 5_000, 50, 50
	server := startServer(b)
	address := server.plain
	if secure {
		address = server.tls
	}
	for b.Loop() {
		// The first ones pay for what all share.
		for i := range warm {
			enterIdle(b, dial(b, address, secure, user(i, perAccount)))
		}
		before := settle(b, server)
		for i := range connections {
			enterIdle(b, dial(b, address, secure, user(i, perAccount)))
		}
		grown := settle(b, server) - before
		report(b, float64(grown)/connections/1024, "KiB/connection", goal)
	}
}

func enterIdle(b *testing.B, c *client) {
	c.do(b, "SELECT INBOX")
	c.send(b, "t IDLE\r\n")
	for line := c.line(b); line[0] != '+'; line = c.line(b) {
	}
	c.r = nil // the client's own memory is no concern, but 5,000 buffers are many
}

// settle waits until resident memory no longer falls, and returns it.
func settle(b *testing.B, server process) int64 {
	lowest, since := server.memory(b, "VmRSS"), time.Now()
	for time.Since(since) < 10*time.Second {
		time.Sleep(500 * time.Millisecond)
		if now := server.memory(b, "VmRSS"); now < lowest-64<<10 {
			lowest, since = now, time.Now()
		}
	}
	return server.memory(b, "VmRSS")
}

const big = 100 << 20

// BenchmarkAppend100MB uploads one large message. Goal: the server's peak resident memory grows by less than 4 MB.
func BenchmarkAppend100MB(b *testing.B) {
	server := startServer(b)
	c := dial(b, server.plain, false, "big")
	c.fill(b, 1)
	for b.Loop() {
		server.resetPeak(b)
		before := server.memory(b, "VmRSS")
		uploadBig(b, c)
		report(b, megabytes(server.memory(b, "VmHWM")-before), "MB-peak", 4)
	}
}

// BenchmarkFetch100MB downloads one. The goal is the same.
func BenchmarkFetch100MB(b *testing.B) {
	server := startServer(b)
	c := dial(b, server.plain, false, "big")
	c.do(b, "SELECT INBOX")
	uploadBig(b, c)
	c.do(b, "NOOP")
	for b.Loop() {
		settle(b, server)
		server.resetPeak(b)
		before := server.memory(b, "VmRSS")
		downloadBig(b, c)
		report(b, megabytes(server.memory(b, "VmHWM")-before), "MB-peak", 4)
	}
}

var (
	bigHeader = []byte("From: bench@example.org\r\nSubject: big\r\n\r\n")
	bigLine   = append(bytes.Repeat([]byte("x"), 78), "\r\n"...)
)

// bigLines is how many lines make the message 100 MiB or a little less.
var bigLines = (big - len(bigHeader)) / len(bigLine)

func bigSize() int { return len(bigHeader) + bigLines*len(bigLine) }

func uploadBig(b *testing.B, c *client) {
	b.Helper()
	c.send(b, fmt.Sprintf("t APPEND INBOX {%d+}\r\n", bigSize()))
	w := bufio.NewWriterSize(c.Conn, 1<<16)
	_, _ = w.Write(bigHeader) // errors stay with the writer until Flush
	for range bigLines {
		_, _ = w.Write(bigLine)
	}
	_, _ = io.WriteString(w, "\r\n")
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	c.finish(b)
}

func downloadBig(b *testing.B, c *client) {
	b.Helper()
	c.send(b, "t FETCH 1 BODY.PEEK[]\r\n")
	if line, want := c.line(b), fmt.Sprintf("* 1 FETCH (BODY[] {%d}", bigSize()); line != want {
		b.Fatalf("the answer begins with %q, want %q", line, want)
	}
	header := make([]byte, len(bigHeader))
	if _, err := io.ReadFull(c.r, header); err != nil || !bytes.Equal(header, bigHeader) {
		b.Fatalf("the message begins with %q (%v)", header, err)
	}
	line := make([]byte, len(bigLine))
	r := bufio.NewReaderSize(c.r, 1<<16)
	for i := range bigLines {
		if _, err := io.ReadFull(r, line); err != nil || !bytes.Equal(line, bigLine) {
			b.Fatalf("line %d came as %q (%v)", i, line, err)
		}
	}
	c.r = r
	if line := c.line(b); line != ")" {
		b.Fatalf("the answer ends with %q", line)
	}
	c.finish(b)
}

func megabytes(octets int64) float64 { return float64(octets) / 1e6 }

// rawDial connects and does nothing else.
func rawDial(b *testing.B, address string) *client {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &client{conn, bufio.NewReaderSize(conn, 512)}
}
