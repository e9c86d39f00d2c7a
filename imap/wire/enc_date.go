package wire

import "encoding/binary"

const monthNames = "???JanFebMarAprMayJunJulAugSepOctNovDec?????????"

// monthWords are the names of the months, the first letter lowest.
var monthWords = func() (t [16]uint32) {
	for i := range t {
		t[i] = uint32(monthNames[3*i]) | uint32(monthNames[3*i+1])<<8 | uint32(monthNames[3*i+2])<<16
	}
	return t
}()

// digitPairs holds 00 to 99, the first digit lowest. Its length is a power of two, so
// that an index needs no test.
var digitPairs = func() (t [128]uint16) {
	for i := range uint16(100) {
		t[i] = '0' + i/10 | ('0'+i%10)<<8
	}
	return t
}()

// twoDigits are those of a number below 100, the first one lowest.
func twoDigits(v uint8) uint64 { return uint64(digitPairs[v&127]) }

func appendTwo(dst []byte, v uint8) []byte {
	return binary.LittleEndian.AppendUint16(dst, digitPairs[v&127])
}

func appendMonthYear(dst []byte, month uint8, year uint16) []byte {
	m := monthWords[month&15]
	dst = append(dst, '-', byte(m), byte(m>>8), byte(m>>16), '-')
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
	month := uint64(monthWords[t.Month&15])
	hour := twoDigits(uint8(zone / 60))
	to := dst[k : k+dateTimeLen]
	binary.LittleEndian.PutUint64(to, '"'|day<<8|'-'<<24|month<<32|'-'<<56)
	binary.LittleEndian.PutUint64(to[8:], twoDigits(uint8(t.Year/100))|twoDigits(uint8(t.Year%100))<<16|' '<<32|twoDigits(t.Hour)<<40|':'<<56)
	binary.LittleEndian.PutUint64(to[16:], twoDigits(t.Min)|':'<<16|twoDigits(t.Sec)<<24|' '<<40|sign<<48|hour<<56)
	binary.LittleEndian.PutUint32(to[24:], uint32(hour>>8|twoDigits(uint8(zone%60))<<8|'"'<<24))
	return dst[:k+dateTimeLen]
}

// dateTimeLen is the length of a date-time.
const dateTimeLen = len(`"dd-mmm-yyyy hh:mm:ss +zzzz"`)

// Date appends date without quotes.
func (e *Enc) Date(p Out, d Date) Out {
	if !d.valid() {
		return e.FailReason(p, siteDate, "no such day")
	}
	return e.resume(appendDate(e.Bytes(p), d))
}

// DateTime appends date-time.
func (e *Enc) DateTime(p Out, t DateTime) Out {
	if !t.valid() {
		return e.FailReason(p, siteDateTime, "no such time")
	}
	p = e.Room(p)
	appendDateTime(e.Bytes(p), t) // there is so much room that it is the same buffer
	return p.on(dateTimeLen)
}
