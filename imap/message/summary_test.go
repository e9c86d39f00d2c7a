package message

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

func TestSummaryServesSections(t *testing.T) {
	data, err := ParseBytes([]byte(complexMessage)).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var s Summary
	if err := s.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	m := s.Message(strings.NewReader(complexMessage))
	if got := fetch(t, m, "4.2.HEADER.FIELDS (SUBJECT)", nil); got != "Subject: four two\r\n\r\n" {
		t.Errorf("%q", got)
	}
	if found, err := m.Contains(imap.SearchTextKeyBody, NewNeedle("three two")); found || err != nil {
		t.Errorf("application/octet-stream is searched: %v", err)
	}
	if found, err := m.Contains(imap.SearchTextKeyBody, NewNeedle("three one")); !found || err != nil {
		t.Errorf("the text is not found: %v", err)
	}
	if len(data) > len(complexMessage) {
		t.Errorf("the summary has %d octets, the message %d", len(data), len(complexMessage))
	}
}

func TestSummaryVersions(t *testing.T) {
	data, _ := ParseBytes([]byte("Subject: x\n\ny")).MarshalBinary()
	var s Summary
	for _, b := range [][]byte{nil, {}, data[:1], data[:len(data)-1], append(data[:len(data):len(data)], 0)} {
		if err := s.UnmarshalBinary(b); !errors.Is(err, ErrSummary) {
			t.Errorf("%x: %v", b, err)
		}
	}
	data[0]++
	if err := s.UnmarshalBinary(data); !errors.Is(err, ErrSummaryVersion) {
		t.Errorf("another version: %v", err)
	}
	if s != (Summary{}) {
		t.Error("a failed UnmarshalBinary has changed the summary")
	}
}

// TestSummaryReader reads summaries one after the other, damaged ones among them: each is what it is alone.
func TestSummaryReader(t *testing.T) {
	texts := []string{complexMessage, "Subject: x\n\ny", searchMessage, "From: a, b\nTo: c\n\nx", complexMessage, binaryMessage}
	var r SummaryReader
	for i, text := range texts {
		data, _ := ParseBytes([]byte(text)).MarshalBinary()
		if _, err := r.Read(data[:len(data)-1]); !errors.Is(err, ErrSummary) {
			t.Errorf("%d: half a summary: %v", i, err)
		}
		var alone Summary
		if err := alone.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		s, err := r.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s.Envelope(), alone.Envelope()) {
			t.Errorf("%d: another envelope", i)
		}
		if !reflect.DeepEqual(s.Body(), alone.Body()) || !reflect.DeepEqual(s.BodyStructure(), alone.BodyStructure()) {
			t.Errorf("%d: another structure", i)
		}
	}
	data, _ := ParseBytes([]byte(complexMessage)).MarshalBinary()
	allocs := testing.AllocsPerRun(100, func() {
		if s, err := r.Read(data); err != nil || s.BodyStructure() == nil {
			t.Fatal(err)
		}
	})
	if allocs > 8 { // the text, and what few messages have
		t.Errorf("%v allocations for a message like the one before", allocs)
	}
}

// TestDamagedSummaries changes every octet of a summary: what is accepted must be
// safe to use.
func TestDamagedSummaries(t *testing.T) {
	for _, text := range []string{complexMessage, binaryMessage, searchMessage, "From: a, b\nTo: c:d;\n\nx"} {
		data, _ := ParseBytes([]byte(text)).MarshalBinary()
		for i := 1; i < len(data); i++ {
			for _, change := range []byte{0, 1, 2, 0x7F, 0x80, 0xFF, data[i] + 1, data[i] - 1} {
				damaged := []byte(string(data))
				damaged[i] = change
				useSummary(t, damaged, text)
			}
		}
	}
}

// useSummary uses all that a stored summary gives, if it is accepted.
func useSummary(t testing.TB, data []byte, text string) {
	var s Summary
	if s.UnmarshalBinary(data) != nil {
		return
	}
	render(s.BodyStructure())
	render(s.Envelope())
	s.Date()
	m := s.Message(strings.NewReader(text))
	for _, number := range numbers(s.root) {
		r, err := s.Locate(imap.Section{Part: number})
		if err != nil || !(Range{0, s.size}).contains(r) {
			t.Fatalf("%v is at %v of %d, %v", number, r, s.size, err)
		}
		if s.size < 1<<20 {
			m.BinarySize(number)
		}
	}
}
