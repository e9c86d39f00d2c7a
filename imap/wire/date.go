package wire

import (
	"fmt"
	"time"
)

// Date is a day without time and zone (date, RFC 9051 §9). The zero value
// means absent.
type Date struct {
	Year       uint16
	Month, Day uint8
}

// DateOf returns the day of t in t's zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: uint16(y), Month: uint8(m), Day: uint8(d)}
}

// Time returns midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC)
}

// IsZero reports whether the date is absent.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the date in the form of IMAP, 1-Feb-1994.
func (d Date) String() string {
	if !d.valid() {
		return fmt.Sprintf("invalid date %d-%d-%d", d.Year, d.Month, d.Day)
	}
	return string(appendDate(nil, d))
}

// valid reports whether there is such a day.
func (d Date) valid() bool {
	return d.Year <= 9999 && d.Month-1 < 12 && d.Day-1 < daysIn(d.Year, d.Month)
}

// DateTime is a time with its zone as sent (date-time, RFC 9051 §9). The zero
// value means absent.
type DateTime struct {
	Year                       uint16
	Month, Day, Hour, Min, Sec uint8
	// Zone is the offset from UTC in minutes, -12:00 to +14:00.
	Zone int16
}

// DateTimeOf returns t in t's zone, to the second and to the minute of the zone.
func DateTimeOf(t time.Time) DateTime {
	_, zone := t.Zone()
	zone /= 60
	t = t.In(fixedZone(zone))
	y, m, d := t.Date()
	return DateTime{
		Year: uint16(y), Month: uint8(m), Day: uint8(d),
		Hour: uint8(t.Hour()), Min: uint8(t.Minute()), Sec: uint8(t.Second()),
		Zone: int16(zone),
	}
}

// Time returns the time in a zone of the fixed offset.
func (t DateTime) Time() time.Time {
	return time.Date(int(t.Year), time.Month(t.Month), int(t.Day),
		int(t.Hour), int(t.Min), int(t.Sec), 0, fixedZone(int(t.Zone)))
}

// IsZero reports whether the time is absent.
func (t DateTime) IsZero() bool { return t == DateTime{} }

// String returns the time in the form of IMAP without the quotes.
func (t DateTime) String() string {
	if !t.valid() {
		return fmt.Sprintf("invalid date-time %d-%d-%d %d:%d:%d %d", t.Year, t.Month, t.Day, t.Hour, t.Min, t.Sec, t.Zone)
	}
	b := appendDateTime(nil, t)
	return string(b[1 : len(b)-1])
}

// valid reports whether there is such a time; a leap second is one.
func (t DateTime) valid() bool {
	return Date{t.Year, t.Month, t.Day}.valid() &&
		t.Hour < 24 && t.Min < 60 && t.Sec <= 60 && t.Zone >= minZone && t.Zone <= maxZone
}

// Bounds of zones in minutes.
const (
	minZone = -12 * 60
	maxZone = 14 * 60
)

func fixedZone(minutes int) *time.Location {
	if minutes == 0 {
		return time.UTC
	}
	return time.FixedZone("", minutes*60)
}

var monthDays = [16]uint8{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// daysIn counts the days of a month; 0 for a month that does not exist.
func daysIn(year uint16, month uint8) uint8 {
	n := monthDays[month&15]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		n++
	}
	return n
}
