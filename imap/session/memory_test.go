package session

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestLargeMessageMemory: a message goes from the client to the store and back
// without ever being in memory. All that is allocated meanwhile, by the server and
// this client, is a small part of its size.
func TestLargeMessageMemory(t *testing.T) {
	const size, most = 64 << 20, 3 << 20
	ts := newTestServer(t, nil)
	c := ts.login()
	c.do("SELECT INBOX")

	allocated := allocatedBy(func() {
		writeMessage(t, c.conn, fmt.Sprintf("a APPEND INBOX {%d+}\r\n", size), size)
		c.until("a")
	})
	if allocated > most {
		t.Errorf("APPEND of %d MiB allocated %d KiB", size>>20, allocated>>10)
	}

	allocated = allocatedBy(func() {
		c.send("b FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT])\r\n")
		c.skipLiterals()
	})
	if allocated > most {
		t.Errorf("FETCH of %d MiB allocated %d KiB", size>>20, allocated>>10)
	}
}

func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// writeMessage writes the head of a command, a message of exactly size octets and
// the end of the command.
func writeMessage(t *testing.T, w io.Writer, command string, size int) {
	head := "Subject: large\r\n\r\n"
	block := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 400)
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.WriteString(command + head) // Flush has the error
	for left := size - len(head); left > 0; left -= len(block) {
		_, _ = out.WriteString(block[:min(left, len(block))])
	}
	_, _ = out.WriteString("\r\n")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
}

// skipLiterals reads up to the tagged response b and checks that the literals
// before it are as long as they say.
func (c *testClient) skipLiterals() {
	for {
		line, err := c.in.ReadString('\n')
		if err != nil || strings.HasPrefix(line, "b OK") {
			if err != nil {
				c.t.Fatal(err)
			}
			return
		}
		var n int64
		if i := strings.LastIndexByte(line, '{'); i >= 0 {
			if _, err := fmt.Sscanf(line[i:], "{%d}", &n); err != nil {
				c.t.Fatal(err)
			}
		}
		if _, err := io.CopyN(io.Discard, c.in, n); err != nil {
			c.t.Fatal(err)
		}
	}
}
