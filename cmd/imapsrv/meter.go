package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/imapsrv/imapsrv/internal/transfer"
)

const (
	// often is how often a bar is drawn, and seldom how often there is a line where there is no terminal.
	often  = 200 * time.Millisecond
	seldom = 10 * time.Second
	// barWidth is that of a bar.
	barWidth = 24
	// maxWarnings is how many warnings are shown.
	maxWarnings = 100
)

// meter shows how an import or export goes: a bar on a terminal, a line from time to time elsewhere. Its total is set
// before the first progress.
type meter struct {
	err      io.Writer
	out      io.Writer
	terminal bool
	verb     string
	total    func(transfer.Progress) float64 // which part of everything has been done

	mu       sync.Mutex
	begun    time.Time
	drawn    time.Time
	last     transfer.Progress
	width    int // of the bar that is on the screen
	warnings int
	missing  int64 // messages left out, told by warnings alone
}

func newMeter(env environment, verb string) *meter {
	file, ok := env.stderr.(*os.File)
	now := time.Now()
	return &meter{
		err: env.stderr, out: env.stdout, verb: verb, begun: now, drawn: now,
		terminal: ok && term.IsTerminal(int(file.Fd())),
	}
}

func (m *meter) listener() transfer.Listener {
	return transfer.Listener{Progress: m.progress, Warn: m.warn}
}

// progress draws, if it is time.
func (m *meter) progress(p transfer.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = p
	wait := seldom
	if m.terminal {
		wait = often
	}
	if time.Since(m.drawn) < wait {
		return
	}
	m.drawn = time.Now()
	part := 0.0
	if m.total != nil {
		part = min(1, m.total(p))
	}
	text := fmt.Sprintf("%3.0f%% %s", 100*part, m.counts(p))
	if !m.terminal {
		fmt.Fprintln(m.err, text)
		return
	}
	n := int(part * barWidth)
	text = fmt.Sprintf("[%s%s] %s", strings.Repeat("=", n), strings.Repeat(" ", barWidth-n), text)
	fmt.Fprintf(m.err, "\r%-*s", m.width, text)
	m.width = len(text)
}

// counts says how much has been done, and how fast.
func (m *meter) counts(p transfer.Progress) string {
	text := fmt.Sprintf("%s: %d messages, %.1f MB", m.verb, p.Messages, float64(p.Octets)/1e6)
	if seconds := time.Since(m.begun).Seconds(); seconds >= 1 {
		text += fmt.Sprintf(", %.0f messages/s", float64(p.Messages)/seconds)
	}
	if p.Present > 0 {
		text += fmt.Sprintf("; there already: %d", p.Present)
	}
	if left := p.LeftOut + m.missing; left > 0 {
		text += fmt.Sprintf("; left out: %d", left)
	}
	return text
}

// clear removes the bar from the screen. m.mu is held.
func (m *meter) clear() {
	if m.width > 0 {
		fmt.Fprintf(m.err, "\r%*s\r", m.width, "")
		m.width = 0
	}
}

// warn shows a warning. Text may come from files: what a terminal could obey is quoted.
func (m *meter) warn(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	if m.warnings++; m.warnings > maxWarnings {
		return
	}
	fmt.Fprintf(m.err, "imapsrv: %s\n", printable(text))
}

// printable replaces control characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, text)
}

// leftOut shows a warning about a message that is left out.
func (m *meter) leftOut(text string) {
	m.warn(text)
	m.missed(1)
}

// missed counts messages that are left out, of which there were warnings.
func (m *meter) missed(messages int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missing += messages
}

// finish says what has been done.
func (m *meter) finish(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	if more := m.warnings - maxWarnings; more > 0 {
		fmt.Fprintf(m.err, "imapsrv: and %d more warnings\n", more)
	}
	if err == nil || m.last.Messages > 0 {
		fmt.Fprintln(m.out, m.counts(m.last))
	}
	if err != nil && m.last.Messages > 0 {
		fmt.Fprintln(m.err, "imapsrv: run it once more to go on where it was interrupted")
	}
}

// errLeftOut is an import or export that is not complete.
var errLeftOut = errors.New("something was left out")

// result is the command's error.
func (m *meter) result(err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil && (m.missing > 0 || m.last.LeftOut > 0) {
		return errLeftOut
	}
	return err
}
