package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSecretsStayHidden(t *testing.T) {
	type login struct {
		Password Secret
		Response SecretBytes
	}
	v := login{"hunter2", SecretBytes("hunter2")}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+"\n", v)
		fmt.Fprintf(&out, verb+verb+"\n", v.Password, v.Response)
		fmt.Fprintf(&out, verb+"\n", &v)
	}
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("x", "v", v, "p", v.Password, "r", v.Response)
	log = slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("x", "v", v, "p", v.Password, "r", v.Response)
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(data)
	out.WriteString(v.Password.String() + v.Password.GoString() + v.Response.String() + v.Response.GoString())
	for _, leak := range []string{"hunter2", "68756e74", "68756E74", "104 117", "aHVudGVyM"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%s in %s", leak, out.String())
		}
	}
}

func TestEncodeErrorsHideValues(t *testing.T) {
	var e Enc
	for _, f := range []encoding{
		enc((*Enc).Quoted, "hunter2\r"), enc((*Enc).AString, "hunter2\x00"),
		enc((*Enc).Raw, Raw("hunter2\n")), enc((*Enc).Literal, NewLiteral("hunter2\x00")),
	} {
		_, err := encode(&e, nil, f)
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "hunter2") {
			t.Error(err)
		}
	}
}

func TestDates(t *testing.T) {
	zone := time.FixedZone("", -8*3600)
	at := time.Date(1994, 2, 7, 21, 52, 25, 0, zone)
	if got := DateTimeOf(at); got != (DateTime{1994, 2, 7, 21, 52, 25, -480}) || !got.Time().Equal(at) {
		t.Error(got)
	}
	if got := DateTimeOf(at).String(); got != " 7-Feb-1994 21:52:25 -0800" {
		t.Error(got)
	}
	odd := time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 1172)) // 19 minutes and 32 seconds
	if got := DateTimeOf(odd); got.Zone != 19 || !got.Time().Equal(odd) {
		t.Error(got)
	}
	if d := DateOf(at); d != (Date{1994, 2, 7}) || d.String() != "7-Feb-1994" || d.IsZero() || d.Time().Hour() != 0 {
		t.Error(d)
	}
	if !(Date{}).IsZero() || !(DateTime{}).IsZero() || (DateTime{1994, 2, 7, 21, 52, 25, 0}).Time().Location() != time.UTC {
		t.Error("zero")
	}
	for _, s := range []fmt.Stringer{Date{}, DateTime{}, Date{2000, 255, 255}, DateTime{Month: 255}} {
		if !strings.HasPrefix(s.String(), "invalid") {
			t.Error(s)
		}
	}
}

// Every day is read back, and no day that does not exist.
func TestDays(t *testing.T) {
	d := Dec{Borrow: true}
	var e Enc
	for _, year := range []uint16{0, 1, 1900, 1999, 2000, 2024, 9999} {
		for month := range uint8(20) {
			for day := range uint8(40) {
				v := Date{year, month, day}
				real := DateOf(v.Time()) == v
				dst, err := encode(&e, nil, enc((*Enc).Date, v))
				if (err == nil) != real {
					t.Fatalf("%d-%d-%d: %v", year, month, day, err)
				}
				if !real {
					continue
				}
				if got, _, _, err := decode(&d, lineFrame(string(dst)), prim((*Dec).Date), 0); got != v {
					t.Fatalf("%s is %v (%v)", dst, got, err)
				}
			}
		}
	}
}

func set(t *testing.T, s string) SequenceSet {
	t.Helper()
	var d Dec
	v, next, _, err := decode(&d, lineFrame(s), prim((*Dec).SequenceSet), 0)
	if err != nil || next != len(s) {
		t.Fatal(s, err)
	}
	return v.(SequenceSet)
}

func TestSequenceSet(t *testing.T) {
	cases := []struct {
		in      string
		largest uint32
		want    []NumRange
	}{
		{"1", 5, []NumRange{{1, 1}}},
		{"*", 5, []NumRange{{5, 5}}},
		{"7:3,1,2", 9, []NumRange{{1, 7}}},
		{"9:*", 5, []NumRange{{5, 9}}},
		{"*:4,6", 5, []NumRange{{4, 6}}},
		{"1:3,5:9,2:4", 9, []NumRange{{1, 9}}},
		{"4294967295,1:4294967295", 9, []NumRange{{1, 4294967295}}},
		{"*", 0, []NumRange{}},
		{"1:*,4", 0, []NumRange{{4, 4}}},
		{"$", 5, []NumRange{}},
	}
	for _, c := range cases {
		s := set(t, c.in)
		if diff := cmp.Diff(c.want, s.Resolve(c.largest)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.in, diff)
		}
		if s.String() != c.in || s.IsZero() || s.Star() != strings.Contains(c.in, "*") {
			t.Errorf("%s: %v", c.in, s)
		}
	}
	if !(SequenceSet{}).IsZero() {
		t.Error("not zero")
	}
}

func TestUIDSet(t *testing.T) {
	s := UIDSet{{7, 5}, {1, 2}, {4294967294, 4294967295}, {3, 3}, {6, 6}}
	if got := slices.Collect(s.All()); !slices.Equal(got, []UID{5, 6, 7, 1, 2, 4294967294, 4294967295, 3, 6}) {
		t.Error(got)
	}
	if s.Len() != 9 || !s.Contains(6) || !s.Contains(4294967295) || s.Contains(4) || s.Contains(0) {
		t.Error(s.Len())
	}
	if got := s.Normalize().String(); got != "1:3,5:7,4294967294:4294967295" {
		t.Error(got)
	}
	if s.String() != "7:5,1:2,4294967294:4294967295,3,6" {
		t.Error("Normalize changed the set", s)
	}
	var a UIDSet
	for _, uid := range []UID{1, 2, 3, 5, 4, 4294967295} {
		a.Add(uid)
	}
	if got := a.String(); got != "1:3,5,4,4294967295" {
		t.Error(got)
	}
	if got := (UIDSet)(nil).Normalize(); len(got) != 0 {
		t.Error(got)
	}
	for uid := range s.All() {
		if uid == 5 {
			break
		}
	}
}

func TestLiteralReaderOf(t *testing.T) {
	for _, l := range []Literal{NewLiteral("abc"), {Body: strings.NewReader("abc"), Size: 3, Valid: true}} {
		if got, err := io.ReadAll(l.Reader()); string(got) != "abc" || err != nil || l.Size != 3 {
			t.Errorf("%q %v", got, err)
		}
	}
	if NewNString("x").String() != "x" || (NString{}).String() != "NIL" || Server.String()+Client.String() != "serverclient" {
		t.Error("String")
	}
}
