package bench

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// BenchmarkFetchFlags is the first thing that most clients do with a mailbox. Goal: 0.12 µs of the server's time a
// message; Dovecot takes 0.8.
func BenchmarkFetchFlags(b *testing.B) {
	const messages, rounds = 50_000, 100
	server := startServer(b)
	c := dial(b, server.plain, false, "fetcher")
	c.fill(b, messages)
	// Flags as mailboxes have them: most seen, some answered, few flagged, a keyword here and there.
	c.do(b, `STORE 1:45000 +FLAGS.SILENT (\Seen)`)
	c.do(b, `STORE 1000:9000 +FLAGS.SILENT (\Answered)`)
	c.do(b, `STORE 20000:20500 +FLAGS.SILENT (\Flagged $Forwarded)`)
	buffer := make([]byte, 1<<20)
	fetch := func() int {
		c.send(b, "t FETCH 1:* (UID FLAGS)\r\n")
		return c.drain(b, buffer)
	}
	octets := fetch()
	if octets < messages*len("* 1 FETCH (UID 1 FLAGS ())\r\n") {
		b.Fatalf("%d octets are too few for %d messages", octets, messages)
	}
	for b.Loop() {
		before := server.cpu(b)
		for range rounds {
			fetch()
		}
		report(b, micros(server.cpu(b)-before)/(rounds*messages), "µs/message", 0.12)
	}
}

// BenchmarkNOOP is the cost of a command as such, one at a time, against a bare echo of the same line sizes in the
// same run. Goal: 1.25 times the echo.
func BenchmarkNOOP(b *testing.B) {
	const commands, rounds = 20_000, 5
	server := startServer(b)
	c := dial(b, server.plain, false, "noop")
	c.do(b, "SELECT INBOX")
	const command = "t NOOP\r\n"
	c.send(b, command)
	answer := len(c.line(b)) + 2
	echo := startEcho(b, answer)
	e := rawDial(b, echo.plain)
	for b.Loop() {
		var imap, bare time.Duration
		// In turns, so that both meet the same machine.
		for range rounds {
			imap += pingPong(b, server, c, command, commands)
			bare += pingPong(b, echo, e, command, commands)
		}
		b.ReportMetric(micros(imap)/(commands*rounds), "µs/NOOP")
		b.ReportMetric(micros(bare)/(commands*rounds), "µs/echo")
		report(b, float64(imap)/float64(bare), "NOOP/echo", 1.25)
	}
}

// pingPong sends a line and awaits one, again and again, and returns the server's time.
func pingPong(b *testing.B, server process, c *client, command string, count int) time.Duration {
	before := server.cpu(b)
	line := []byte(command)
	for range count {
		if _, err := c.Write(line); err != nil {
			b.Fatal(err)
		}
		if _, err := c.r.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
	return server.cpu(b) - before
}

// BenchmarkNOOPPipelined sends 100 at a time. Goal: 1 µs of the server's time each; Dovecot takes 7 to 9.
func BenchmarkNOOPPipelined(b *testing.B) {
	const batch, rounds = 100, 10_000
	server := startServer(b)
	c := dial(b, server.plain, false, "noop")
	c.do(b, "SELECT INBOX")
	c.send(b, "t NOOP\r\n")
	answer := len(c.line(b)) + 2
	commands := []byte(strings.Repeat("t NOOP\r\n", batch))
	answers := make([]byte, batch*answer)
	for b.Loop() {
		before := server.cpu(b)
		for range rounds {
			if _, err := c.Write(commands); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(c.r, answers); err != nil {
				b.Fatal(err)
			}
		}
		report(b, micros(server.cpu(b)-before)/(batch*rounds), "µs/NOOP", 1)
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// user spreads connections over accounts.
func user(i, perAccount int) string { return fmt.Sprintf("user%d", i/perAccount) }
