package imap

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Inbox is the one mailbox name that is the same in every case
// (RFC 9051 §5.1).
const Inbox = "INBOX"

// MaxMailboxName is the longest mailbox name, in octets of UTF-8, that
// DecodeMailbox lets through.
const MaxMailboxName = 4096

// Errors of DecodeMailbox. They mean that the name cannot be a mailbox here:
// NO [CANNOT] for commands that make mailboxes, and a mailbox that does not
// exist for all others.
var (
	ErrMailboxUTF7    = errors.New("mailbox name is not valid modified UTF-7")
	ErrMailboxUTF8    = errors.New("mailbox name is not valid UTF-8")
	ErrMailboxControl = errors.New("mailbox name holds a control character or a line separator")
	ErrMailboxLong    = errors.New("mailbox name is too long")
)

// utf7Alphabet is base64 with "," for "/" (RFC 3501 §5.1.3).
const utf7Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"

// DecodeMailbox turns the octets of a mailbox name as they came in a command or
// response into Net-Unicode (RFC 5198): UTF-8 in normalization form C without
// control characters. With utf8 the octets are UTF-8 and "&" is an ordinary
// character (IMAP4rev2 or UTF8=ACCEPT enabled); without, they are modified UTF-7
// (RFC 3501 §5.1.3), but 8-bit octets that are valid UTF-8 are taken as such,
// since clients send them. "inbox" in any case comes back as Inbox; only the
// whole name is compared so.
func DecodeMailbox(wire string, utf8Mode bool) (string, error) {
	if len(wire) > MaxMailboxName {
		return "", ErrMailboxLong
	}
	name := wire
	if !utf8Mode && strings.IndexByte(wire, '&') >= 0 {
		var err error
		if name, err = decodeUTF7(wire); err != nil {
			return "", err
		}
	}
	if err := checkMailbox(name); err != nil {
		return "", err
	}
	name = norm.NFC.String(name)
	if strings.EqualFold(name, Inbox) {
		return Inbox, nil
	}
	return name, nil
}

// checkMailbox refuses what Net-Unicode refuses: broken UTF-8, the C0 and C1
// controls, and the line and paragraph separators.
func checkMailbox(name string) error {
	if !utf8.ValidString(name) {
		return ErrMailboxUTF8
	}
	for _, r := range name {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' {
			return ErrMailboxControl
		}
	}
	return nil
}

// EncodeMailbox is the wire form of a mailbox name: the name itself with utf8,
// modified UTF-7 without.
func EncodeMailbox(name string, utf8Mode bool) string {
	if utf8Mode || isPlainUTF7(name) {
		return name
	}
	return encodeUTF7(name)
}

// isPlainUTF7 reports whether every character represents itself.
func isPlainUTF7(s string) bool {
	for i := range len(s) {
		if !isDirect(s[i]) || s[i] == '&' {
			return false
		}
	}
	return true
}

// isDirect reports whether modified UTF-7 writes c as itself ("&" apart).
func isDirect(c byte) bool { return c >= 0x20 && c <= 0x7e }

// encodeUTF7 writes runs of other than printable US-ASCII in modified base64.
func encodeUTF7(s string) string {
	var b strings.Builder
	var run []uint16
	flush := func() {
		if len(run) > 0 {
			writeShifted(&b, run)
			run = run[:0]
		}
	}
	for _, r := range s {
		if r >= 0x80 || !isDirect(byte(r)) {
			run = utf16.AppendRune(run, r)
			continue
		}
		flush()
		b.WriteByte(byte(r))
		if r == '&' {
			b.WriteByte('-')
		}
	}
	flush()
	return b.String()
}

// writeShifted writes one "&…-" sequence.
func writeShifted(b *strings.Builder, units []uint16) {
	b.WriteByte('&')
	var acc uint32
	bits := 0
	for _, u := range units {
		acc = acc<<16 | uint32(u)
		for bits += 16; bits >= 6; bits -= 6 {
			b.WriteByte(utf7Alphabet[acc>>(bits-6)&63])
		}
	}
	if bits > 0 {
		b.WriteByte(utf7Alphabet[acc<<(6-bits)&63])
	}
	b.WriteByte('-')
}

// decodeUTF7 is strict, so that one name has one spelling: RFC 3501 §5.1.3
// forbids shifting what is printable US-ASCII, superfluous shifts and leftover
// bits, and each of them would be a second name for the same mailbox.
func decodeUTF7(s string) (string, error) {
	var b strings.Builder
	afterShift := false
	for i := 0; i < len(s); {
		if s[i] != '&' {
			b.WriteByte(s[i])
			i++
			afterShift = false
			continue
		}
		end := strings.IndexByte(s[i:], '-')
		if end < 0 {
			return "", ErrMailboxUTF7
		}
		body := s[i+1 : i+end]
		i += end + 1
		if body == "" {
			b.WriteByte('&')
			afterShift = false
			continue
		}
		if afterShift || !readShifted(&b, body) {
			return "", ErrMailboxUTF7
		}
		afterShift = true
	}
	return b.String(), nil
}

// readShifted decodes what stands between "&" and "-".
func readShifted(b *strings.Builder, body string) bool {
	var units []uint16
	var acc uint32
	bits := 0
	for i := range len(body) {
		v := strings.IndexByte(utf7Alphabet, body[i])
		if v < 0 {
			return false
		}
		acc = acc<<6 | uint32(v)
		if bits += 6; bits >= 16 {
			bits -= 16
			units = append(units, uint16(acc>>bits))
		}
	}
	if bits >= 6 || acc&(1<<bits-1) != 0 {
		return false
	}
	return writeUnits(b, units)
}

// writeUnits writes UTF-16 as UTF-8. It refuses lone surrogates and characters
// that must stand for themselves.
func writeUnits(b *strings.Builder, units []uint16) bool {
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i+1 == len(units) {
				return false
			}
			i++
			if r = utf16.DecodeRune(r, rune(units[i])); r == utf8.RuneError {
				return false
			}
		}
		if r < 0x80 && isDirect(byte(r)) {
			return false
		}
		b.WriteRune(r)
	}
	return len(units) > 0
}
