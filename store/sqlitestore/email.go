package sqlitestore

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
)

const (
	emailFormat   = 1
	summaryFormat = 1
	// fullEmails is how many emails are packed into a row. The summaries of
	// so many mostly fit into 16 KiB: a larger value costs SQLite's allocator
	// a mapping of its own each time it is read or written, which is what
	// made a row of 64 seven times as slow to read.
	fullEmails = 16
	// enoughEmails is from how many on a row is not packed again with others.
	enoughEmails = fullEmails / 2
	// mostEmails is how many a row may have to be read.
	mostEmails = 64
)

// email is the immutable part of a message, which copies share: what EMAILID
// stands for.
type email struct {
	id     uint64
	thread uint64
	date   imap.DateTime
	size   uint64
	// segment and offset say where the body is; segment 0 stands for a file
	// of its own, whose number is offset.
	segment uint64
	offset  uint64
	crc     uint32 // CRC-32C of a body in a segment
	hash    [sha256.Size]byte
	// summary is in a row of its own; nil when there is none.
	summary []byte
	// listing is in another; empty when there is none.
	listing []byte
}

// A date is packed into 56 bits, so that dates of the same month differ in
// the low ones only. Every value that DateTime can hold comes back as it was.
func packDate(d imap.DateTime) uint64 {
	return uint64(d.Year)<<40 | uint64(d.Month)<<32 | uint64(d.Day)<<24 |
		uint64(d.Hour)<<16 | uint64(d.Min)<<8 | uint64(d.Sec)
}

func unpackDate(v uint64, zone uint64) imap.DateTime {
	return imap.DateTime{
		Year: uint16(v >> 40), Month: uint8(v >> 32), Day: uint8(v >> 24),
		Hour: uint8(v >> 16), Min: uint8(v >> 8), Sec: uint8(v), Zone: int16(uint16(zone)),
	}
}

// encodeEmails packs emails, which are in ascending order of id.
func encodeEmails(list []email) []byte {
	n := len(list)
	row := make([]byte, 0, 64+96*n)
	row = append(row, emailFormat)
	row = binary.AppendUvarint(row, uint64(n))
	values := make([]uint64, n)
	for _, field := range emailFields {
		for i := range list {
			values[i] = field(&list[i])
		}
		row = appendColumn(row, values)
	}
	for i := range list {
		row = append(row, list[i].hash[:]...)
	}
	return seal(row)
}

// emailFields are the columns of a packed row of emails.
var emailFields = [...]func(*email) uint64{
	func(e *email) uint64 { return e.id },
	func(e *email) uint64 { return e.thread },
	func(e *email) uint64 { return packDate(e.date) },
	func(e *email) uint64 { return uint64(uint16(e.date.Zone)) },
	func(e *email) uint64 { return e.size },
	func(e *email) uint64 { return e.segment },
	func(e *email) uint64 { return e.offset },
	func(e *email) uint64 { return uint64(e.crc) },
}

// decodeEmails unpacks emails without their summaries.
func decodeEmails(row []byte) ([]email, error) { return appendEmails(nil, row) }

// appendEmails is decodeEmails with memory for the result.
func appendEmails(list []email, row []byte) ([]email, error) {
	u := unpack(row, emailFormat, mostEmails)
	var columns [len(emailFields)][mostEmails]uint64
	for i := range columns {
		expand(columns[i][:0], u.column(), u.n)
	}
	hashes := u.take(uint64(sha256.Size * u.n))
	if u.err != nil {
		return nil, u.err
	}
	at := len(list)
	list = append(list, make([]email, u.n)...)
	for i := range list[at:] {
		list[at+i] = email{
			id: columns[0][i], thread: columns[1][i], date: unpackDate(columns[2][i], columns[3][i]),
			size: columns[4][i], segment: columns[5][i], offset: columns[6][i], crc: uint32(columns[7][i]),
			hash: [sha256.Size]byte(hashes[sha256.Size*i:]),
		}
	}
	return list, nil
}

// encodeSummaries packs the summaries of a row of emails.
func encodeSummaries(list []email) []byte {
	n := len(list)
	row := append([]byte(nil), summaryFormat)
	row = binary.AppendUvarint(row, uint64(n))
	lengths := make([]uint64, n)
	for i := range list {
		if list[i].summary != nil {
			lengths[i] = uint64(len(list[i].summary)) + 1
		}
	}
	row = appendColumn(row, lengths)
	for i := range list {
		row = append(row, list[i].summary...)
	}
	return seal(row)
}

// decodeSummaries sets the summaries of a row of emails. They alias row.
func decodeSummaries(row []byte, list []email) error {
	u := unpack(row, summaryFormat, mostEmails)
	lengths := expand([]uint64(nil), u.column(), u.n)
	if u.err == nil && u.n != len(list) {
		u.fail(errCount)
	}
	for i := range list {
		if u.err != nil {
			return u.err
		}
		if lengths[i] > 0 {
			list[i].summary = slices.Clip(u.take(lengths[i] - 1))
		}
	}
	return u.err
}

// findEmail returns the email with an id, or nil.
func findEmail(list []email, id uint64) *email {
	i, ok := slices.BinarySearchFunc(list, id, func(e email, id uint64) int {
		switch {
		case e.id < id:
			return -1
		case e.id > id:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &list[i]
}
