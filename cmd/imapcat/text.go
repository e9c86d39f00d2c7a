package main

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

// textPrinter writes units for people: offset, who sent it, type, text.
type textPrinter struct {
	w      *bufio.Writer
	colour bool
	file   string // printed last
}

// Colours, as terminals know them.
const (
	plain  = ""
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// print implements printer.
func (p *textPrinter) print(i item) error {
	if i.file != p.file {
		p.file = i.file
		fmt.Fprintf(p.w, "%s:\n", escape([]byte(i.file)))
	}
	p.paint(faint, fmt.Sprintf("%8d ", i.Offset))
	if i.from != "" {
		p.paint(plain, map[string]string{"client": "C ", "server": "S "}[i.from])
	}
	if i.Fault != nil {
		p.paint(red, fmt.Sprintf("%-18s ", "error"))
		p.fault(i.Unit)
	} else {
		p.paint(cyan, fmt.Sprintf("%-18s ", i.Type))
		p.paint(colourOf(i.Unit), readable(i.Text, i.Elided))
	}
	if c := i.completes; c != nil {
		name := escape([]byte(c.name))
		if name == "" {
			name = "the error"
		}
		p.paint(faint, fmt.Sprintf("  <- %s at %d", name, c.offset))
	}
	p.diagnostics(i.Diagnostics)
	// Errors of the writer stay, and show when it is flushed.
	return p.w.WriteByte('\n')
}

// diagnostics says what was read although the grammar forbids it, a line each.
func (p *textPrinter) diagnostics(list []imap.Diagnostic) {
	for _, d := range list {
		p.paint(plain, fmt.Sprintf("\n%8s ", ""))
		p.paint(yellow, fmt.Sprintf("%-18s ", d.Quirk))
		p.paint(plain, clip(fmt.Sprintf("at byte %d (%s): %q is %q", d.Offset, d.Rule, d.Original, d.Read)))
	}
}

// fault says what is wrong, where, and with what.
func (p *textPrinter) fault(u *trace.Unit) {
	p.paint(plain, u.Fault.Message)
	if !u.Fault.Whole() {
		p.paint(plain, fmt.Sprintf(" at byte %d (%s)", u.Fault.Offset, u.Fault.Rule))
	}
	if len(u.Text) > 0 {
		p.paint(faint, ": "+clip(readable(u.Text, u.Elided)))
	}
}

// paint writes text in a colour.
func (p *textPrinter) paint(colour, text string) {
	if p.colour && colour != plain {
		text = "\x1b[" + colour + "m" + text + "\x1b[0m"
	}
	// As in print.
	_, _ = p.w.WriteString(text)
}

// colourOf tells success from failure.
func colourOf(u *trace.Unit) string {
	kind := imap.StatusKind(0)
	switch v := u.Value.(type) {
	case *imap.Tagged:
		kind = v.Kind
	case *imap.StatusResponse:
		kind = v.Kind
	case *imap.Continue, *imap.AuthChallenge:
		return yellow
	}
	switch kind {
	case imap.StatusOK, imap.StatusPreAuth:
		return green
	case imap.StatusNO, imap.StatusBAD, imap.StatusBYE:
		return red
	}
	return plain
}

const (
	// maxShown is how many octets of a literal are shown.
	maxShown = 72
	// maxBroken is how many characters of a unit that does not decode are shown.
	maxBroken = 160
)

var announcement = regexp.MustCompile(`\{(\d+)\+?\}\r\n`)

// readable is a unit on one line, with the beginnings of its literals in quotes.
func readable(text []byte, elided []trace.Elided) string {
	var out []byte
	for {
		m := announcement.FindSubmatchIndex(text)
		if m == nil {
			return string(append(out, escape(text)...))
		}
		n, err := strconv.Atoi(string(text[m[2]:m[3]]))
		if err != nil || n > len(text)-m[1] {
			return string(append(out, escape(text)...))
		}
		out = append(out, escape(text[:m[1]-2])...)
		out = append(out, literal(text[m[1]:m[1]+n], elided)...)
		text = text[m[1]+n:]
	}
}

// literal is the beginning of a literal.
func literal(data []byte, elided []trace.Elided) string {
	if slices.ContainsFunc(elided, func(e trace.Elided) bool { return e.Marker == string(data) }) {
		return string(bytes.Trim(data, "\r\n\x00"))
	}
	if len(data) > maxShown {
		return `"` + escape(data[:maxShown]) + `…"`
	}
	return `"` + escape(data) + `"`
}

// escape makes octets printable. Backslashes stay as they are, since flags begin with one.
func escape(text []byte) string {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, text[0])
		case strconv.IsPrint(r):
			out = append(out, text[:n]...)
		default:
			quoted := strconv.QuoteRune(r)
			out = append(out, quoted[1:len(quoted)-1]...)
		}
		text = text[n:]
	}
	return string(out)
}

// clip bounds what is shown of a unit that does not decode.
func clip(s string) string {
	if utf8.RuneCountInString(s) <= maxBroken {
		return s
	}
	return string([]rune(s)[:maxBroken]) + "…"
}
