package wire

// months finds a month by a hash of its name, which months share with none.
var months = func() (t [16]struct {
	name  uint32
	month uint8
}) {
	for m := range uint8(12) {
		name := monthNames[3*m+3:][:3]
		w := lowerName(uint32(name[0]) | uint32(name[1])<<8 | uint32(name[2])<<16)
		t[hashName(w)].name, t[hashName(w)].month = w, m+1
	}
	return t
}()

func lowerName(w uint32) uint32 { return w&0xffffff | 0x202020 }

func hashName(w uint32) uint32 { return w * 0x3b6fe507 >> 28 }

// month is the number of the month whose name is in the low octets of a word,
// in any case; 0 where there is none.
func month(w uint32) uint8 {
	w = lowerName(w)
	if m := &months[hashName(w)]; m.name == w {
		return m.month
	}
	return 0
}

// dateAt reads "d-Mon-yyyy" with a day of one or two digits at i. The index is
// negative where there is none, or no such day.
func dateAt(b Octets, i int) (t Date, _ int) {
	day, j := b.At(i)-'0', i+1
	if day > 9 {
		return t, -1
	}
	if one := b.At(j) - '0'; one <= 9 {
		day, j = day*10+one, j+1
	}
	w := b.Le64(j)
	y := uint32(b.Le64(j+5)) ^ 0x30303030
	if byte(w) != '-' || byte(w>>32) != '-' || (y|(y+0x76767676))&0x80808080 != 0 || class[b.At(j+9)]&classDigit != 0 {
		return t, -1
	}
	t = Date{Year: uint16(pair(uint64(y)))*100 + uint16(pair(uint64(y>>16))), Month: month(uint32(w >> 8)), Day: day}
	if !t.valid() {
		return Date{}, -1
	}
	return t, j + 9
}

// Date decodes date, in quotes or not.
func (d *Dec) Date(b Octets, i int) (Date, int) {
	s := i
	if b.At(i) == '"' {
		i++
	}
	t, j := dateAt(b, i)
	if j < 0 || i > s && b.At(j) != '"' {
		return Date{}, d.Fail(s, siteDate)
	}
	return t, j + i - s
}

// DateTime decodes date-time. A day below 10 may have a space, a zero or
// nothing before it.
func (d *Dec) DateTime(b Octets, i int) (DateTime, int) {
	s := i
	if b.At(i) != '"' {
		return DateTime{}, d.Fail(s, siteDateTime)
	}
	i++
	if b.At(i) == ' ' && b.At(i+2) == '-' {
		i++
	}
	day, j := dateAt(b, i)
	if j < 0 {
		return DateTime{}, d.Fail(s, siteDateTime)
	}
	t, ok := timeOf(b.Le64(j), b.Le64(j+8))
	t.Year, t.Month, t.Day = day.Year, day.Month, day.Day
	if !ok || t.Hour > 23 || t.Min > 59 || t.Sec > 60 || t.Zone < minZone || t.Zone > maxZone {
		return DateTime{}, d.Fail(s, siteDateTime)
	}
	return t, j + 16
}

// The form of the part of a date-time behind the date, as two words. Digits
// differ from it by less than 10, a sign by "+" or "-" from 0, all else not at all.
const (
	timeForm  = ' ' | '0'<<8 | '0'<<16 | ':'<<24 | '0'<<32 | '0'<<40 | ':'<<48 | '0'<<56
	timeFixed = 0x00ff0000ff0000ff
	zoneForm  = '0' | ' '<<8 | '0'<<24 | '0'<<32 | '0'<<40 | '0'<<48 | '"'<<56
	zoneFixed = 0xff0000000000ff00
	zoneSign  = 0xff0000
)

// timeOf reads ` hh:mm:ss +hhmm"` without the bounds of the numbers, but for
// the minutes of the zone.
func timeOf(a, b uint64) (t DateTime, ok bool) {
	a, b = a^timeForm, b^zoneForm
	sign := b >> 16 & 0xff
	b &^= zoneSign
	large := (a | b | (a + lows*0x76) | (b + lows*0x76)) & highs
	bad := large | a&timeFixed | b&zoneFixed
	t.Hour = pair(a >> 8)
	t.Min = pair(a >> 32)
	t.Sec = uint8(a>>56)*10 + uint8(b)
	minutes := pair(b >> 40)
	t.Zone = int16(pair(b>>24))*60 + int16(minutes)
	if sign == '-' {
		t.Zone = -t.Zone
	}
	return t, bad == 0 && (sign == '+' || sign == '-') && minutes < 60
}

// pair is the number whose digits are the two low octets.
func pair(w uint64) uint8 { return uint8(w)*10 + uint8(w>>8) }
