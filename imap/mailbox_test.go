package imap

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestDecodeMailbox(t *testing.T) {
	tests := []struct {
		wire string
		utf8 bool
		want string
		err  error
	}{
		{wire: "inbox", want: "INBOX"},
		{wire: "InBoX", utf8: true, want: "INBOX"},
		{wire: "inbox/x", want: "inbox/x"}, // only the whole name ignores case
		{wire: "INBOXES", want: "INBOXES"},
		{wire: "Sent Mail", want: "Sent Mail"},
		{wire: "", want: ""},
		{wire: "~peter/mail/&U,BTFw-/&ZeVnLIqe-", want: "~peter/mail/台北/日本語"}, // RFC 3501 §5.1.3
		{wire: "Entw&APw-rfe", want: "Entwürfe"},
		{wire: "a&-b&-", want: "a&b&"},
		{wire: "&-&AOk-", want: "&é"},
		{wire: "&2D3eAA-", want: "😀"},
		{wire: "&AGUDAQ-", err: ErrMailboxUTF7}, // "e" must stand for itself
		{wire: "e&AwE-", want: "é"},             // normalised
		{wire: "e\u0301", utf8: true, want: "é"},
		{wire: "a&b", utf8: true, want: "a&b"},
		{wire: "a&-b", utf8: true, want: "a&-b"},
		{wire: "Entwürfe", want: "Entwürfe"}, // raw UTF-8 before it is enabled
		{wire: "a&b", err: ErrMailboxUTF7},
		{wire: "&", err: ErrMailboxUTF7},
		{wire: "&AOk", err: ErrMailboxUTF7},
		{wire: "&AOk-&AOk-", err: ErrMailboxUTF7}, // superfluous shift
		{wire: "&AOl-", err: ErrMailboxUTF7},      // leftover bits are not zero
		{wire: "&AOkA-", err: ErrMailboxUTF7},     // six bits too many
		{wire: "&AG-", err: ErrMailboxUTF7},
		{wire: "&A/k-", err: ErrMailboxUTF7},
		{wire: "&2D0-", err: ErrMailboxUTF7},    // half a surrogate pair
		{wire: "&3gDYPQ-", err: ErrMailboxUTF7}, // the wrong way round
		{wire: "&AAo-", err: ErrMailboxControl}, // newline
		{wire: "&ICg-", err: ErrMailboxControl}, // U+2028
		{wire: "&ICk-", err: ErrMailboxControl}, // U+2029
		{wire: "&AIU-", err: ErrMailboxControl}, // C1
		{wire: "a\x01", err: ErrMailboxControl},
		{wire: "a\x7f", utf8: true, err: ErrMailboxControl},
		{wire: "\xc3", utf8: true, err: ErrMailboxUTF8},
		{wire: "\xff&AOk-", err: ErrMailboxUTF8},
		{wire: strings.Repeat("x", MaxMailboxName+1), err: ErrMailboxLong},
	}
	for _, tt := range tests {
		got, err := DecodeMailbox(tt.wire, tt.utf8)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("DecodeMailbox(%.40q, %v) = %q, %v; want %q, %v", tt.wire, tt.utf8, got, err, tt.want, tt.err)
		}
	}
}

func TestEncodeMailbox(t *testing.T) {
	for name, want := range map[string]string{
		"INBOX":      "INBOX",
		"台北/日本語":     "&U,BTFw-/&ZeVnLIqe-",
		"R&D":        "R&-D",
		"Entwürfe":   "Entw&APw-rfe",
		"😀":          "&2D3eAA-",
		"&é":         "&-&AOk-",
		"":           "",
		"a b~\"\\":   "a b~\"\\",
		"Отправ & х": "&BB4EQgQ,BEAEMAQy- &- &BEU-",
	} {
		if got := EncodeMailbox(name, false); got != want {
			t.Errorf("EncodeMailbox(%q) = %q, want %q", name, got, want)
		}
		if got := EncodeMailbox(name, true); got != name {
			t.Errorf("EncodeMailbox(%q, utf8) = %q", name, got)
		}
	}
}

// mailboxSpellings are names in modified UTF-7, right and wrong.
var mailboxSpellings = []string{"&U,BTFw-/&ZeVnLIqe-", "a&-b", "&AOk-&AOk-", "é", "inbox", "&AwE-"}

// proveMailbox requires a name to have exactly one modified UTF-7 spelling.
func proveMailbox(t *testing.T, wire string) {
	t.Helper()
	name, err := DecodeMailbox(wire, false)
	if err != nil {
		return
	}
	if !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) {
		t.Fatalf("%q decodes to %q, which is not Net-Unicode", wire, name)
	}
	again, err := DecodeMailbox(EncodeMailbox(name, false), false)
	if len(EncodeMailbox(name, false)) <= MaxMailboxName && (err != nil || again != name) {
		t.Fatalf("%q → %q → %q, %v", wire, name, again, err)
	}
}
