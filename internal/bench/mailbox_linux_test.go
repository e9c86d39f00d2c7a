package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// storeOptions are those of the stores that benchmarks fill.
var storeOptions = sqlitestore.Options{}

// The messages of the user bodies.
const (
	bodies   = 2000
	bodySize = 11_000
)

// rate measures something that is done again and again: the least time that one round took, since whatever else the
// machine has to do only adds, and the server's time of all.
type rate struct {
	server process
	least  time.Duration
	cpu    time.Duration // of all rounds
	rounds int
}

// of runs rounds and measures them; prepare, which may be nil, comes before each and is not measured.
func (r *rate) of(b *testing.B, rounds int, prepare, do func(round int)) {
	b.Helper()
	r.least = time.Hour
	for i := range rounds {
		if prepare != nil {
			prepare(i)
		}
		cpu, start := r.server.cpu(b), time.Now()
		do(i)
		r.least = min(r.least, time.Since(start))
		r.cpu += r.server.cpu(b) - cpu
	}
	r.rounds = rounds
}

// perItem is the server's time in µs for each of n things a round did.
func (r *rate) perItem(n int) float64 { return micros(r.cpu) / float64(n*r.rounds) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// BenchmarkStoreSelect opens mailboxes. Cold is one that no session has opened since the server began: goals 3 ms with
// 50,000 messages and 25 ms with 500,000. Warm is one that is in memory: 0.12 ms, whatever the size; Dovecot takes 0.8
// ms on a fresh connection, and 0.12 again.
func BenchmarkStoreSelect(b *testing.B) {
	server := startData(b, sharedData(b))
	c := dial(b, server.plain, false, "alice")
	b.Run("cold-50000", func(b *testing.B) { coldSelect(b, server, c, 12, 1, 3) })
	b.Run("cold-500000", func(b *testing.B) { coldSelect(b, server, c, 6, 10, 25) })
	b.Run("warm-50000", func(b *testing.B) { warmSelect(b, server, c, 1) })
	b.Run("warm-500000", func(b *testing.B) { warmSelect(b, server, c, 10) })
}

// copies makes mailboxes with the messages of INBOX, several times over. No session has opened them.
func (c *client) copies(b *testing.B, count, times int) []string {
	b.Helper()
	c.do(b, "SELECT INBOX")
	var names []string
	for i := range count {
		names = append(names, fmt.Sprintf("copy-%d", i))
		c.do(b, "CREATE "+names[i])
		for range times {
			c.do(b, "COPY 1:* "+names[i])
		}
	}
	return names
}

func (c *client) remove(b *testing.B, names []string) {
	b.Helper()
	for _, name := range names {
		c.do(b, "DELETE "+name)
	}
}

func coldSelect(b *testing.B, server process, c *client, count, times int, goal float64) {
	for b.Loop() {
		names := c.copies(b, count, times)
		r := rate{server: server}
		r.of(b, count, nil, func(i int) { c.do(b, "SELECT "+names[i]) })
		b.ReportMetric(r.perItem(1)/1000, "ms-CPU")
		report(b, millis(r.least), "ms", goal)
		c.remove(b, names)
	}
}

func warmSelect(b *testing.B, server process, c *client, times int) {
	const each = 200
	for b.Loop() {
		names := c.copies(b, 1, times)
		c.do(b, "SELECT "+names[0])
		r := rate{server: server}
		r.of(b, 20, nil, func(int) {
			for range each {
				c.do(b, "SELECT "+names[0])
			}
		})
		b.ReportMetric(r.perItem(each), "µs-CPU")
		report(b, millis(r.least)/each, "ms", 0.12)
		c.remove(b, names)
	}
}

// BenchmarkStoreFlags sets and removes \Seen on 50,000 messages, durably, and is told of each. Goal: 6 million messages a
// second; Dovecot reaches 1.2.
func BenchmarkStoreFlags(b *testing.B) {
	server := startData(b, sharedData(b))
	c := dial(b, server.plain, false, "alice")
	c.do(b, "SELECT INBOX")
	c.do(b, `STORE 1:* -FLAGS.SILENT (\Seen)`)
	buffer := make([]byte, 1<<20)
	for b.Loop() {
		r := rate{server: server}
		r.of(b, 40, func(int) { c.do(b, `STORE 1:* -FLAGS.SILENT (\Seen)`) }, func(int) {
			c.send(b, "t STORE 1:* +FLAGS (\\Seen)\r\n")
			if n := c.drain(b, buffer); n < large*len(`* 1 FETCH (FLAGS (\Seen))`) {
				b.Fatalf("%d octets are too few", n)
			}
		})
		b.ReportMetric(r.perItem(large), "µs-CPU/message")
		reportLeast(b, large/r.least.Seconds()/1e6, "M-messages/s", 6)
	}
}

// BenchmarkStoreFetchSummaries asks for what message lists are made of. Goals: 300,000 messages a second and 3 µs of the
// server's time each; Dovecot reaches 65,000 and takes 15.
func BenchmarkStoreFetchSummaries(b *testing.B) {
	server := startData(b, sharedData(b))
	c := dial(b, server.plain, false, "alice")
	c.do(b, "SELECT INBOX")
	buffer := make([]byte, 1<<20)
	fetch := func(int) {
		c.send(b, "t FETCH 1:* (ENVELOPE BODYSTRUCTURE)\r\n")
		if n := c.drain(b, buffer); n < large*500 {
			b.Fatalf("%d octets are too few", n)
		}
	}
	fetch(0)
	for b.Loop() {
		r := rate{server: server}
		r.of(b, 10, nil, fetch)
		report(b, r.perItem(large), "µs-CPU/message", 3)
		reportLeast(b, large/r.least.Seconds(), "messages/s", 300_000)
	}
}

// BenchmarkStoreFetchBodies downloads 2,000 messages of 11 kB without TLS. Goal: 1.5 GB/s; Dovecot reaches 0.4 to 0.5.
func BenchmarkStoreFetchBodies(b *testing.B) {
	server := startData(b, sharedData(b))
	c := dial(b, server.plain, false, "bodies")
	c.do(b, "SELECT INBOX")
	buffer := make([]byte, 1<<20)
	octets := 0
	fetch := func(int) {
		c.send(b, "t FETCH 1:* (BODY.PEEK[])\r\n")
		if octets = c.drain(b, buffer); octets < bodies*bodySize*9/10 {
			b.Fatalf("%d octets are too few", octets)
		}
	}
	fetch(0)
	for b.Loop() {
		r := rate{server: server}
		r.of(b, 50, nil, fetch)
		b.ReportMetric(r.perItem(octets)*1e3, "ms-CPU/MB")
		reportLeast(b, float64(octets)/r.least.Seconds()/1e9, "GB/s", 1.5)
	}
}

// BenchmarkStoreCopyExpunge copies 50,000 messages to an empty mailbox, and expunges them there. Goals: 20 ms each.
func BenchmarkStoreCopyExpunge(b *testing.B) {
	server := startData(b, sharedData(b))
	c := dial(b, server.plain, false, "alice")
	buffer := make([]byte, 1<<20)
	for b.Loop() {
		copies, expunges := rate{server: server}, rate{server: server}
		copies.least = time.Hour
		names := make([]string, 10)
		for i := range names {
			names[i] = fmt.Sprintf("copied-%d", i)
			c.do(b, "CREATE "+names[i])
		}
		c.do(b, "SELECT INBOX")
		copies.of(b, len(names), nil, func(i int) { c.do(b, "COPY 1:* "+names[i]) })
		expunges.of(b, len(names), func(i int) {
			c.do(b, "SELECT "+names[i])
			c.do(b, `STORE 1:* +FLAGS.SILENT (\Deleted)`)
		}, func(int) {
			c.send(b, "t EXPUNGE\r\n")
			if n := c.drain(b, buffer); n < large*len("* 1 EXPUNGE") {
				b.Fatalf("%d octets are too few", n)
			}
		})
		c.do(b, "SELECT INBOX")
		c.remove(b, names)
		b.ReportMetric(copies.perItem(1)/1000, "ms-CPU/COPY")
		b.ReportMetric(expunges.perItem(1)/1000, "ms-CPU/EXPUNGE")
		report(b, millis(copies.least), "ms/COPY", 20)
		report(b, millis(expunges.least), "ms/EXPUNGE", 20)
	}
}
