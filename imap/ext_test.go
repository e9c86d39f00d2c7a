package imap

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFetchDataSize: those of 50,000 messages are in memory at once, and they are read at the
// speed at which memory is.
func TestFetchDataSize(t *testing.T) {
	if n := reflect.TypeFor[FetchData]().Size(); n > 192 {
		t.Errorf("a FetchData has %d bytes", n)
	}
}

// TestExt: what is seldom there is read, written and copied like everything else.
func TestExt(t *testing.T) {
	for _, test := range []struct {
		text string
		want FetchData
	}{
		{"* 1 FETCH (UID 5 PREVIEW \"a\")\r\n", FetchData{Seq: 1, Has: FetchDataHasUID, UID: 5, Ext: &FetchExt{Has: FetchExtHasPreview, Preview: NewNString("a")}}},
		{"* 1 FETCH (THREADID NIL)\r\n", FetchData{Seq: 1, Ext: &FetchExt{Has: FetchExtHasThreadID}}},
		{"* 1 FETCH (MODSEQ (7) EMAILID (e) X-GM-LABELS (a b) X 1)\r\n", FetchData{Seq: 1, Has: FetchDataHasModSeq, ModSeq: 7, Ext: &FetchExt{
			Has: FetchExtHasEmailID | FetchExtHasXGMLabels, EmailID: "e", XGMLabels: []string{"a", "b"}, Unknown: []ExtItem{{Name: "X", Value: "1"}}}}},
	} {
		var d Decoder
		v, err := d.Response(Frame{Bytes: []byte(test.text)})
		if err != nil {
			t.Fatal(test.text, err)
		}
		if diff := cmp.Diff(&test.want, v); diff != "" {
			t.Error(test.text, diff)
		}
		c := v.(*FetchData).Clone()
		if diff := cmp.Diff(v, Response(c)); diff != "" || c.Ext == v.(*FetchData).Ext {
			t.Error("a copy that differs or shares memory", diff)
		}
		var e Encoder
		if b, err := e.AppendResponse(nil, c); err != nil || string(b) != test.text {
			t.Errorf("%q, %v; want %q", b, err, test.text)
		}
	}
}

// TestExtAbsent: where nothing of it is there, reading it needs no test and writing it says so.
func TestExtAbsent(t *testing.T) {
	var v FetchData
	if v.Ext.Get().Preview.Valid || v.Ext.Clone() != nil {
		t.Error("something is in nothing")
	}
	var e Encoder
	if b, err := e.AppendResponse(nil, &FetchData{Seq: 1, UID: 2, Ext: &FetchExt{}}); err != nil || string(b) != "* 1 FETCH (UID 2)\r\n" {
		t.Errorf("%q, %v", b, err)
	}
	if b, err := e.AppendResponse(nil, &FetchData{Seq: 1, Ext: &FetchExt{}}); err == nil {
		t.Errorf("a response without items: %q", b)
	}
}
