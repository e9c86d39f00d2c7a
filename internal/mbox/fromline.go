package mbox

import (
	"strconv"
	"strings"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

// fromLine is the line that begins a message.
func fromLine(d imap.DateTime) string {
	return from + "MAILER-DAEMON " + d.Time().UTC().Format(time.ANSIC) + "\n"
}

// zones are those that old mailers write by name.
var zones = map[string]int{
	"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2, "EEST": 3, "JST": 9,
}

const (
	weekdays = "Mon Tue Wed Thu Fri Sat Sun "
	months   = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec "
)

// parseFrom tells whether a line begins a message, and when that came. The address may be anything; the date is what
// asctime or ctime write, with or without seconds, and with a zone before or after the year.
func parseFrom(line string) (date transfer.Date, ok bool) {
	rest, ok := strings.CutPrefix(line, from)
	if !ok {
		return date, false
	}
	f := strings.Fields(rest)
	for i := len(f) - 5; i >= 0; i-- {
		if isName(weekdays, f[i]) >= 0 {
			return parseDate(f[i+1:])
		}
	}
	return date, false
}

// isName returns the place of a name of three letters in a list, or -1.
func isName(list, name string) int {
	if len(name) != 3 {
		return -1
	}
	i := strings.Index(strings.ToLower(list), strings.ToLower(name)+" ")
	if i < 0 {
		return -1
	}
	return i / 4
}

// parseDate reads what follows the day of the week: month, day, time, and a year and a zone in any order. Without a zone
// it is UTC.
func parseDate(f []string) (date transfer.Date, ok bool) {
	month := isName(months, f[0])
	day, err := strconv.Atoi(f[1])
	if month < 0 || err != nil || day < 1 || day > 31 {
		return date, false
	}
	clock, err := time.Parse("15:04:05", f[2])
	if err != nil {
		if clock, err = time.Parse("15:04", f[2]); err != nil {
			return date, false
		}
	}
	year, zone := 0, 0
	for _, word := range f[3:min(len(f), 6)] {
		n, err := strconv.Atoi(word)
		hours, named := zones[strings.ToUpper(word)]
		switch {
		case named:
			zone = 60 * hours
		case err == nil && len(word) == 5 && (word[0] == '+' || word[0] == '-'):
			zone = n/100*60 + n%100
		case err == nil && len(word) == 4 && year == 0 && n > 0:
			year = n
		}
	}
	if year == 0 || zone < -12*60 || zone > 14*60 {
		return date, false
	}
	t := time.Date(year, time.Month(month+1), day, clock.Hour(), clock.Minute(), clock.Second(), 0, time.FixedZone("", zone*60))
	if t.Day() != day {
		return date, false
	}
	return transfer.Date(imap.DateTimeOf(t)), true
}
