package wire

const monthNames = "???JanFebMarAprMayJunJulAugSepOctNovDec?????????"

// digitPairs holds 00 to 99.
var digitPairs = func() (t [200]byte) {
	for i := range 100 {
		t[2*i], t[2*i+1] = byte('0'+i/10), byte('0'+i%10)
	}
	return t
}()

func appendTwo(dst []byte, v uint8) []byte {
	k := 2 * int(v%100)
	return append(dst, digitPairs[k], digitPairs[k+1])
}

func appendMonthYear(dst []byte, month uint8, year uint16) []byte {
	m := int(month&15) * 3
	dst = append(dst, '-', monthNames[m], monthNames[m+1], monthNames[m+2], '-')
	dst = appendTwo(dst, uint8(year/100))
	return appendTwo(dst, uint8(year%100))
}

// appendDate appends a valid date without quotes.
func appendDate(dst []byte, d Date) []byte {
	if d.Day >= 10 {
		dst = append(dst, '0'+d.Day/10)
	}
	dst = append(dst, '0'+d.Day%10)
	return appendMonthYear(dst, d.Month, d.Year)
}

// appendDateTime appends a valid date-time.
func appendDateTime(dst []byte, t DateTime) []byte {
	dst = append(dst, '"')
	if t.Day < 10 {
		dst = append(dst, ' ', '0'+t.Day)
	} else {
		dst = appendTwo(dst, t.Day)
	}
	dst = appendMonthYear(dst, t.Month, t.Year)
	dst = appendTwo(append(dst, ' '), t.Hour)
	dst = appendTwo(append(dst, ':'), t.Min)
	dst = appendTwo(append(dst, ':'), t.Sec)
	zone, sign := t.Zone, byte('+')
	if zone < 0 {
		zone, sign = -zone, '-'
	}
	dst = appendTwo(append(dst, ' ', sign), uint8(zone/60))
	dst = appendTwo(dst, uint8(zone%60))
	return append(dst, '"')
}

// Date appends date without quotes.
func (e *Enc) Date(dst []byte, d Date) []byte {
	if !d.valid() {
		return e.fail(dst, siteDate, "no such day")
	}
	return appendDate(dst, d)
}

// DateTime appends date-time.
func (e *Enc) DateTime(dst []byte, t DateTime) []byte {
	if !t.valid() {
		return e.fail(dst, siteDateTime, "no such time")
	}
	return appendDateTime(dst, t)
}
