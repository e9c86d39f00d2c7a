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
	k := len(dst)
	if cap(dst)-k < dateTimeLen {
		dst = grow(dst, dateTimeLen)
	}
	day, zone, sign := twoDigits(t.Day), t.Zone, uint64('+')
	if t.Day < 10 {
		day = day&^0xff | ' '
	}
	if zone < 0 {
		zone, sign = -zone, '-'
	}
	m := int(t.Month&15) * 3
	month := uint64(monthNames[m]) | uint64(monthNames[m+1])<<8 | uint64(monthNames[m+2])<<16
	hour := twoDigits(uint8(zone / 60))
	store64(dst, k, '"'|day<<8|'-'<<24|month<<32|'-'<<56)
	store64(dst, k+8, twoDigits(uint8(t.Year/100))|twoDigits(uint8(t.Year%100))<<16|' '<<32|twoDigits(t.Hour)<<40|':'<<56)
	store64(dst, k+16, twoDigits(t.Min)|':'<<16|twoDigits(t.Sec)<<24|' '<<40|sign<<48|hour<<56)
	store32(dst, k+24, uint32(hour>>8|twoDigits(uint8(zone%60))<<8|'"'<<24))
	return dst[:k+dateTimeLen]
}

// dateTimeLen is the length of a date-time.
const dateTimeLen = len(`"dd-mmm-yyyy hh:mm:ss +zzzz"`)

// twoDigits are two digits, the first one lowest.
func twoDigits(v uint8) uint64 {
	k := 2 * int(v%100)
	return uint64(digitPairs[k]) | uint64(digitPairs[k+1])<<8
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
