package maildir

import (
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

const (
	// subscriptionsName is Dovecot's list, courierName is Courier's.
	subscriptionsName = "subscriptions"
	courierName       = "courierimapsubscribed"
	// secondVersion begins Dovecot's second form: levels are separated by tabs.
	secondVersion = "V\t2\n"
)

// tabEscapes are those of Dovecot's files.
var (
	tabEscape   = strings.NewReplacer("\x01", "\x011", "\t", "\x01t", "\r", "\x01r", "\n", "\x01n")
	tabUnescape = strings.NewReplacer("\x011", "\x01", "\x01t", "\t", "\x01r", "\r", "\x01n", "\n", "\x010", "\x00")
)

// formatSubscriptions writes Dovecot's second form.
func formatSubscriptions(names []string) []byte {
	var b strings.Builder
	b.WriteString(secondVersion + "\n")
	for _, name := range names {
		levels := strings.Split(name, store.Separator)
		for i, level := range levels {
			levels[i] = tabEscape.Replace(imap.EncodeMailbox(level, false))
		}
		b.WriteString(strings.Join(levels, "\t") + "\n")
	}
	return []byte(b.String())
}

// parseSubscriptions reads the lists of Dovecot, in both forms, and of Courier.
func parseSubscriptions(text string, plusplus bool) []string {
	var names []string
	rest, second := strings.CutPrefix(text, secondVersion)
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		var levels []string
		switch {
		case second:
			levels = strings.Split(line, "\t")
			for i := range levels {
				levels[i] = tabUnescape.Replace(levels[i])
			}
		case plusplus && !strings.Contains(line, "/"):
			levels = strings.Split(line, ".")
		default:
			levels = strings.Split(line, "/")
		}
		if len(levels) > 1 && strings.EqualFold(levels[0], store.Inbox) && !second {
			levels = levels[1:] // Courier's mailboxes are all below INBOX
		}
		if name := nameOf(levels); name != "" {
			names = append(names, name)
		}
	}
	return names
}
