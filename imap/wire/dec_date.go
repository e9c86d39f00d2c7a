package wire

// month reads the name of a month at i, in any case; 0 where there is none.
func month(b []byte, i int) uint8 {
	switch uint32(b[i]|0x20)<<16 | uint32(b[i+1]|0x20)<<8 | uint32(b[i+2]|0x20) {
	case 'j'<<16 | 'a'<<8 | 'n':
		return 1
	case 'f'<<16 | 'e'<<8 | 'b':
		return 2
	case 'm'<<16 | 'a'<<8 | 'r':
		return 3
	case 'a'<<16 | 'p'<<8 | 'r':
		return 4
	case 'm'<<16 | 'a'<<8 | 'y':
		return 5
	case 'j'<<16 | 'u'<<8 | 'n':
		return 6
	case 'j'<<16 | 'u'<<8 | 'l':
		return 7
	case 'a'<<16 | 'u'<<8 | 'g':
		return 8
	case 's'<<16 | 'e'<<8 | 'p':
		return 9
	case 'o'<<16 | 'c'<<8 | 't':
		return 10
	case 'n'<<16 | 'o'<<8 | 'v':
		return 11
	case 'd'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

// dateAt reads "d-Mon-yyyy" with a day of one or two digits at i. The index is
// negative where there is none, or no such day.
func dateAt(b []byte, i int) (t Date, _ int) {
	day, j := digits(b, i)
	if j < 0 || j-i > 2 || b[j] != '-' || b[j+4] != '-' {
		return t, -1
	}
	year, k := digits(b, j+5)
	if k != j+9 {
		return t, -1
	}
	t = Date{Year: uint16(year), Month: month(b, j+1), Day: uint8(day)}
	if !t.valid() {
		return Date{}, -1
	}
	return t, k
}

// Date decodes date, in quotes or not.
func (d *Dec) Date(b []byte, i int) (Date, int) {
	s := i
	if b[i] == '"' {
		i++
	}
	t, j := dateAt(b, i)
	if j < 0 || i > s && b[j] != '"' {
		return Date{}, d.Fail(s, siteDate)
	}
	return t, j + i - s
}

// DateTime decodes date-time. A day below 10 may have a space, a zero or
// nothing before it.
func (d *Dec) DateTime(b []byte, i int) (DateTime, int) {
	s := i
	if b[i] != '"' {
		return DateTime{}, d.Fail(s, siteDateTime)
	}
	i++
	if b[i] == ' ' && b[i+2] == '-' {
		i++
	}
	day, j := dateAt(b, i)
	if j < 0 || j+timeLen > len(b) {
		return DateTime{}, d.Fail(s, siteDateTime)
	}
	t, ok := timeAt(b[j : j+timeLen : j+timeLen])
	t.Year, t.Month, t.Day = day.Year, day.Month, day.Day
	if !ok || !t.valid() {
		return DateTime{}, d.Fail(s, siteDateTime)
	}
	return t, j + timeLen
}

// timeLen is the length of ` hh:mm:ss +hhmm"`.
const timeLen = 16

// timeAt reads the part of a date-time behind the date, without the bounds of
// hours and seconds.
func timeAt(p []byte) (t DateTime, ok bool) {
	_ = p[timeLen-1]
	if p[0] != ' ' || p[3] != ':' || p[6] != ':' || p[9] != ' ' || p[15] != '"' {
		return t, false
	}
	var bad bool
	t.Hour = twoDigits(p, 1, &bad)
	t.Min = twoDigits(p, 4, &bad)
	t.Sec = twoDigits(p, 7, &bad)
	minutes := twoDigits(p, 13, &bad)
	t.Zone = int16(twoDigits(p, 11, &bad))*60 + int16(minutes)
	switch p[10] {
	case '-':
		t.Zone = -t.Zone
	case '+':
	default:
		bad = true
	}
	return t, !bad && minutes < 60
}

// twoDigits reads two digits and sets bad where they are none.
func twoDigits(p []byte, i int, bad *bool) uint8 {
	x, y := p[i]-'0', p[i+1]-'0'
	if x > 9 || y > 9 {
		*bad = true
	}
	return x*10 + y
}
