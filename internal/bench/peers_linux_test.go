package bench

import (
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
	"text/tabwriter"
	"time"
)

var peers = flag.Bool("peers", false, "compare with Dovecot, which must be installed")

// work is something that a server is asked to do, some times.
type work struct {
	name    string
	user    string
	rounds  int
	items   int                                             // of which one round does so many
	prepare func(b *testing.B, c *client, i int)            // is not measured; may be nil
	do      func(b *testing.B, p process, c *client, i int) // is
}

// comparison is what one work took: the least time of a round and the server's time for an item, ours and the peer's.
type comparison struct {
	work        *work
	ours, peers rate
}

var comparisons []comparison

// BenchmarkPeers does the same work with the same mail on this server and on Dovecot (sdbox), in turns, and prints the
// ratios. It runs with -peers only: make bench-peers.
func BenchmarkPeers(b *testing.B) {
	if !*peers {
		b.Skip("for make bench-peers")
	}
	program := findDovecot()
	if program == "" {
		fmt.Fprintln(os.Stderr, dovecotMissing)
		b.SkipNow()
	}
	ours := startData(b, sharedData(b))
	theirs, _ := newDovecot(b, program).start(b, "optimized")
	for b.Loop() {
		for i := range works {
			comparisons = append(comparisons, compare(b, &works[i], ours, theirs))
		}
	}
	b.ReportMetric(0, "ns/op") // hidden: it means nothing
}

func compare(b *testing.B, w *work, ours, theirs process) comparison {
	b.Helper()
	result := comparison{work: w, ours: rate{server: ours, least: time.Hour}, peers: rate{server: theirs, least: time.Hour}}
	both := [2]*rate{&result.ours, &result.peers}
	var clients [2]*client
	for side, r := range both {
		clients[side] = dial(b, r.server.plain, false, w.user)
		clients[side].do(b, "SELECT INBOX")
		defer clients[side].Close()
	}
	for i := range w.rounds {
		for side, r := range both {
			if w.prepare != nil {
				w.prepare(b, clients[side], i)
			}
			cpu, start := r.server.cpu(b), time.Now()
			w.do(b, r.server, clients[side], i)
			r.least = min(r.least, time.Since(start))
			r.cpu += r.server.cpu(b) - cpu
			r.rounds++
		}
	}
	return result
}

// command is a work that sends one command, whose answer may be long.
func command(format string) func(b *testing.B, _ process, c *client, i int) {
	return func(b *testing.B, _ process, c *client, i int) {
		text := format
		if format[len(format)-1] == '-' {
			text = fmt.Sprint(format, i)
		}
		c.send(b, "t "+text+"\r\n")
		c.drain(b, make([]byte, 1<<20))
	}
}

// works are in an order in which one leaves what the next needs.
var works = []work{
	{"login, SELECT, LOGOUT", "alice", 5, 50, nil, func(b *testing.B, p process, _ *client, _ int) {
		for range 50 {
			c := dial(b, p.plain, false, "alice")
			c.do(b, "SELECT INBOX")
			c.do(b, "LOGOUT")
			_ = c.Close() // it was said goodbye to
		}
	}},
	{"SELECT again", "alice", 10, 100, nil, func(b *testing.B, _ process, c *client, _ int) {
		for range 100 {
			c.do(b, "SELECT INBOX")
		}
	}},
	{"FETCH 1:* (UID FLAGS)", "alice", 10, large, nil, command("FETCH 1:* (UID FLAGS)")},
	{"FETCH 1:* (ENVELOPE BODYSTRUCTURE)", "alice", 5, large, func(b *testing.B, c *client, i int) {
		if i == 0 {
			command("FETCH 1:* (ENVELOPE BODYSTRUCTURE)")(b, process{}, c, i) // fills the caches
		}
	}, command("FETCH 1:* (ENVELOPE BODYSTRUCTURE)")},
	{"FETCH 1:* BODY.PEEK[], 2,000 × 11 kB", "bodies", 10, bodies, nil, command("FETCH 1:* (BODY.PEEK[])")},
	{`STORE 1:* +FLAGS (\Seen)`, "alice", 5, large, func(b *testing.B, c *client, _ int) {
		c.do(b, `STORE 1:* -FLAGS.SILENT (\Seen)`)
	}, command(`STORE 1:* +FLAGS (\Seen)`)},
	{"COPY 1:*", "alice", 2, large, func(b *testing.B, c *client, i int) { c.do(b, fmt.Sprint("CREATE peer-", i)) }, command("COPY 1:* peer-")},
	{"EXPUNGE", "alice", 2, large, func(b *testing.B, c *client, i int) {
		c.do(b, fmt.Sprint("SELECT peer-", i))
		c.do(b, `STORE 1:* +FLAGS.SILENT (\Deleted)`)
	}, command("EXPUNGE")},
	{"APPEND 4 kB, one by one", "alice", 5, 40, func(b *testing.B, c *client, i int) {
		c.do(b, fmt.Sprint("CREATE appended-", i))
	}, func(b *testing.B, _ process, c *client, round int) {
		for i := range 40 {
			c.do(b, fmt.Sprintf("APPEND appended-%d {%d+}\r\n%s", round, len(mail(i, 4096)), mail(i, 4096)))
		}
	}},
}

// printComparisons prints the ratios.
func printComparisons(w io.Writer) {
	if len(comparisons) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nmail of alice: 50,000 messages of 4 kB\timapsrv ms\tDovecot ms\tratio\timapsrv µs-CPU each\tDovecot µs-CPU each\tratio\t")
	for _, c := range comparisons {
		n := c.work.items
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%.1f\t\n", c.work.name,
			millis(c.ours.least), millis(c.peers.least), float64(c.peers.least)/float64(c.ours.least),
			c.ours.perItem(n), c.peers.perItem(n), c.peers.perItem(n)/max(c.ours.perItem(n), 1e-9))
	}
	_ = t.Flush() // standard output
}
