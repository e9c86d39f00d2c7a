package message

import (
	"bytes"
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// checkCodec checks that a response can say what is known of the message, and that
// it arrives unchanged.
func checkCodec(t testing.TB, m *Message) {
	t.Helper()
	for _, o := range []StructureOptions{{}, {Extensions: true}, {Extensions: true, BasicGlobal: true}} {
		d := &imap.FetchData{
			Seq:           1,
			Has:           imap.FetchDataHasEnvelope | imap.FetchDataHasBodyStructure,
			Envelope:      m.Envelope(),
			BodyStructure: m.Structure(o),
		}
		encoder := imap.Encoder{}
		encoder.Side = imap.Server
		out, err := encoder.AppendResponse(nil, d)
		if err != nil {
			t.Fatalf("%v: %s", err, render(d.BodyStructure))
		}
		got := decodeFetch(t, out)
		if render(got.Envelope) != render(d.Envelope) {
			t.Fatalf("envelope\n sent %s\n came %s", render(d.Envelope), render(got.Envelope))
		}
		if render(got.BodyStructure) != render(d.BodyStructure) {
			t.Fatalf("structure\n sent %s\n came %s\n as %q", render(d.BodyStructure), render(got.BodyStructure), out)
		}
	}
}

// decodeFetch decodes one FETCH response.
func decodeFetch(t testing.TB, unit []byte) *imap.FetchData {
	t.Helper()
	limits := imap.DefaultLimits(imap.Server)
	frame, err := imap.NewReader(bytes.NewReader(unit), imap.Server, limits).Next()
	if err != nil {
		t.Fatalf("%v in %q", err, unit)
	}
	var decoder imap.Decoder
	response, err := decoder.Response(frame)
	if err != nil {
		t.Fatalf("%v in %q", err, unit)
	}
	return response.(*imap.FetchData)
}

// TestDeepestStructureTravels checks that MaxDepth is what the codec takes by default.
func TestDeepestStructureTravels(t *testing.T) {
	for _, name := range []string{"nested", "nested messages"} {
		m := ParseBytes([]byte(hostileMessages[name](20_000)))
		if n := strings.Count(render(m.Body()), "OCTET-STREAM"); n != 1 {
			t.Fatalf("%s: %d opaque parts", name, n)
		}
		checkCodec(t, m)
	}
}
