package message

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads the value of a Date field (RFC 5322 §3.3, §4.3) and much of what
// stands there in practice: no weekday or a wrong one, no seconds, no zone, a named
// zone, two-digit years, the order of C's asctime, ISO 8601. The time is in the zone
// of the field, so that its Date method gives the day that SENTON and the like compare
// (RFC 9051 §6.4.4). It is not ok if there is no complete and possible date.
func ParseDate(s string) (t time.Time, ok bool) {
	if len(s) > maxDate {
		s = s[:maxDate]
	}
	var d dateParser
	for i := 0; i < len(s); {
		i = skipComments(s, i)
		end := until(s, i, " \t,(")
		if end > i {
			d.word(s[i:end])
		}
		if i = end; i < len(s) && s[i] == ',' {
			i++
		}
	}
	return d.time()
}

// maxDate is how many octets of a date are looked at.
const maxDate = 256

// dateParser collects the elements of a date, in whatever order they come.
type dateParser struct {
	year, month, day      int
	hour, minute, second  int
	hasYear, hasTime, bad bool
	zone                  int // seconds east of Greenwich
}

// word takes one word of a date.
func (d *dateParser) word(w string) {
	switch {
	case w[0] == '+' || w[0] == '-':
		d.offset(w)
	case strings.Contains(w, ":"):
		d.clock(w)
	case strings.Count(w, "-") == 2:
		d.dashed(w)
	case isDigit(w[0]):
		d.number(w)
	default:
		d.name(w)
	}
}

// number takes a day or a year.
func (d *dateParser) number(w string) {
	n, err := strconv.Atoi(w)
	if err != nil {
		return
	}
	switch {
	case d.day == 0 && len(w) <= 2:
		d.day = n
		d.bad = d.bad || n == 0
	case !d.hasYear && len(w) <= 4:
		d.year, d.hasYear = fullYear(n, len(w)), true
	}
}

// fullYear completes a year of two or three digits (RFC 5322 §4.3).
func fullYear(n, digits int) int {
	switch {
	case digits <= 2 && n < 50:
		return 2000 + n
	case digits <= 3:
		return 1900 + n
	}
	return n
}

// name takes the name of a month, a zone or a weekday; others mean nothing.
func (d *dateParser) name(w string) {
	if m := monthNumber(w); m > 0 && d.month == 0 {
		d.month = m
		return
	}
	d.zone += zoneOffsets[strings.ToUpper(w)]
}

const monthNames = "janfebmaraprmayjunjulaugsepoctnovdec"

// monthNumber returns the number of a month whose name starts with the usual three
// letters, 0 if there is none.
func monthNumber(w string) int {
	if len(w) < 3 {
		return 0
	}
	i := strings.Index(monthNames, strings.ToLower(w[:3]))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

// zoneOffsets has the named zones of RFC 5322 §4.3 in seconds.
var zoneOffsets = map[string]int{
	"EST": -5 * 3600, "EDT": -4 * 3600, "CST": -6 * 3600, "CDT": -5 * 3600,
	"MST": -7 * 3600, "MDT": -6 * 3600, "PST": -8 * 3600, "PDT": -7 * 3600,
}

// offset takes a zone such as +0130.
func (d *dateParser) offset(w string) {
	n, err := strconv.Atoi(strings.ReplaceAll(w[1:], ":", ""))
	if err != nil || len(w) < 5 || n > 9959 {
		return
	}
	d.zone = (n/100*60 + n%100) * 60
	if w[0] == '-' {
		d.zone = -d.zone
	}
}

// dashed takes 1-Jan-2021 or 2021-01-31.
func (d *dateParser) dashed(w string) {
	for i, f := range strings.Split(w, "-") {
		switch {
		case f == "":
		case i == 1 && isDigit(f[0]):
			d.month, _ = strconv.Atoi(f)
		case i == 1:
			d.month = monthNumber(f)
		case isDigit(f[0]):
			d.number(f)
		}
	}
}

// clock takes a time such as 23:59 or 23:59:60, or what ISO 8601 writes with it.
func (d *dateParser) clock(w string) {
	if date, rest, ok := strings.Cut(w, "T"); ok {
		d.dashed(date)
		w = rest
	}
	if i := strings.IndexAny(w, "+-Z"); i > 0 {
		d.offset(w[i:]) // Z alone is none
		w = w[:i]
	}
	if d.hasTime || w == "" || !isDigit(w[0]) {
		return
	}
	d.hasTime = true
	f := append(strings.Split(w, ":"), "0", "0")
	seconds, _, _ := strings.Cut(f[2], ".")
	d.hour, d.minute, d.second = clockNumber(f[0], 23), clockNumber(f[1], 59), clockNumber(seconds, 60)
}

// clockNumber returns the number in s, 0 if it is none or above the maximum: a wrong
// time does not spoil the day.
func clockNumber(s string, maximum int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maximum {
		return 0
	}
	return n
}

// time returns the date if it is complete.
func (d *dateParser) time() (time.Time, bool) {
	if d.bad || !d.hasYear || d.month < 1 || d.month > 12 || d.day < 1 {
		return time.Time{}, false
	}
	zone := time.FixedZone("", d.zone)
	t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, zone)
	if t.Day() != d.day {
		return time.Time{}, false // 31 April
	}
	return t.Add(time.Duration(d.hour)*time.Hour + time.Duration(d.minute)*time.Minute +
		time.Duration(min(d.second, 59))*time.Second), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
