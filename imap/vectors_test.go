package imap

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector is a protocol unit of an RFC's example dialogue.
type vector struct {
	RFC                                                int
	Section                                            string
	Line                                               int
	Side, Text, Shape                                  string
	Uncertain, Elided, Pseudo, Obsolete, Fixed_literal json.RawMessage
}

func (v vector) String() string {
	return fmt.Sprintf("RFC %d §%s line %d: %q", v.RFC, v.Section, v.Line, v.Text)
}

func (v vector) id() string { return fmt.Sprintf("%d:%d", v.RFC, v.Line) }

func (v vector) place() string { return fmt.Sprintf("%d §%s", v.RFC, v.Section) }

func (v vector) clean() bool {
	return v.Uncertain == nil && v.Elided == nil && v.Pseudo == nil && v.Obsolete == nil && v.Fixed_literal == nil && v.Shape != "other"
}

// vectors are the clean examples of all RFCs. A missing file is a failure.
func vectors(tb testing.TB) []vector {
	tb.Helper()
	f, err := os.Open("testdata/inventory/examples.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []vector
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var v vector
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			tb.Fatal(err)
		}
		if v.clean() {
			out = append(out, v)
		}
	}
	if err := s.Err(); err != nil {
		tb.Fatal(err)
	}
	return out
}

// decodeShape decodes a unit by the root that its shape asks for; PREAUTH is only
// said in a greeting.
func decodeShape(d *Decoder, shape string, f Frame) (any, error) {
	if bytes.HasPrefix(f.Bytes, []byte("* PREAUTH")) {
		return d.Greeting(f)
	}
	switch shape {
	case "command":
		return d.TaggedCommand(f)
	case "data":
		return d.AuthResponse(f)
	case "idle-done":
		return d.IdleDone(f)
	}
	return d.Response(f)
}

// appendShape encodes what decodeShape returned.
func appendShape(e *Encoder, dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case *TaggedCommand:
		return e.AppendTaggedCommand(dst, v)
	case *AuthResponse:
		return e.AppendAuthResponse(dst, v)
	case *IdleDone:
		return e.AppendIdleDone(dst, v)
	case *StatusResponse:
		if v.Kind == StatusPreAuth {
			return e.AppendGreeting(dst, v)
		}
		return e.AppendResponse(dst, v)
	case Response:
		return e.AppendResponse(dst, v)
	}
	return dst, fmt.Errorf("no encoder for %T", v)
}

// encoderFor is an encoder that writes what the vector's side may write.
func encoderFor(v vector) *Encoder {
	e := new(Encoder)
	e.Rev2, e.LiteralPlus = true, true
	if v.Side == "S" {
		e.Side = Server
	}
	return e
}

// TestVectorsDecode: the examples decode, and to what the grammar knows.
func TestVectorsDecode(t *testing.T) {
	seen, decoded := map[string]bool{}, 0
	for _, v := range vectors(t) {
		seen[v.id()] = true
		x, err := decodeShape(new(Decoder), v.Shape, Frame{Bytes: []byte(v.Text)})
		if err == nil {
			decoded++
		}
		reason, broken := ungrammatical[v.id()]
		switch {
		case foreign[v.place()] != "":
			continue
		case err != nil && !broken:
			t.Errorf("%v\n\t%v", v, err)
		case err == nil && broken:
			t.Errorf("%v decodes, although %s: take it off the list", v, reason)
		case err == nil && unknown(x) != (unheardOf[v.id()] != ""):
			t.Errorf("%v is %T: it is unknown: %v; on the list: %q", v, x, unknown(x), unheardOf[v.id()])
		}
	}
	t.Logf("%d of %d examples decode", decoded, len(seen))
	for _, rows := range []map[string]string{ungrammatical, unheardOf} {
		for id := range rows {
			if !seen[id] {
				t.Errorf("there is no example %s", id)
			}
		}
	}
}

// unknown reports whether a unit was read, or its response code, without being understood.
func unknown(x any) bool {
	switch x := x.(type) {
	case *TaggedCommand:
		_, is := x.Command.(*UnknownCommand)
		return is
	case *UnknownData:
		return true
	case *StatusResponse:
		_, is := x.Code.(*CodeUnknown)
		return is
	case *Tagged:
		_, is := x.Code.(*CodeUnknown)
		return is
	}
	return false
}

// TestVectorsRoundTrip: what was decoded, encoded, decodes to the same, and
// encodes to the same octets again.
func TestVectorsRoundTrip(t *testing.T) {
	for _, v := range vectors(t) {
		roundTrip(t, v)
	}
}

func roundTrip(t *testing.T, v vector) {
	t.Helper()
	first, err := decodeShape(new(Decoder), v.Shape, Frame{Bytes: []byte(v.Text)})
	if err != nil {
		return // TestVectorsDecode tells
	}
	e := encoderFor(v)
	out, err := appendShape(e, nil, first)
	if err != nil {
		t.Errorf("%v: encode: %v", v, err)
		return
	}
	second, err := decodeShape(new(Decoder), v.Shape, Frame{Bytes: append([]byte(nil), out...)})
	if err != nil {
		t.Errorf("%v: decode of %q: %v", v, out, err)
		return
	}
	if d := cmp.Diff(first, second); d != "" {
		t.Errorf("%v: %q has another value:\n%s", v, out, d)
	}
	again, err := appendShape(e, nil, second)
	if err != nil || string(again) != string(out) {
		t.Errorf("%v: encodes to %q and then to %q (%v)", v, out, again, err)
	}
}

// TestVectorsPrefixes: no strict prefix of a unit is a unit, nor an error: a
// reader waits for the rest.
func TestVectorsPrefixes(t *testing.T) {
	for _, v := range vectors(t) {
		if foreign[v.place()] != "" {
			continue
		}
		side := Client
		if v.Side == "S" {
			side = Server
		}
		for n := 1; n < len(v.Text); n++ {
			r := NewReader(strings.NewReader(v.Text[:n]), side, Limits{})
			r.Lines = v.Shape == "data" || v.Shape == "idle-done"
			if f, err := r.Next(); err == nil || err.Error() != "unexpected EOF" {
				t.Errorf("%v: the first %d octets: %q, %v", v, n, f.Bytes, err)
			}
		}
	}
}
