package imap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// hidden is the text that must not come out.
const hidden = "hunter2"

// holders are the values that hold secrets.
var holders = []any{
	&Login{UserID: "u", Password: hidden},
	&Authenticate{Mechanism: "PLAIN", InitialResponse: SecretBytes(hidden)},
	&AuthResponse{Data: SecretBytes(hidden)},
}

// TestRedaction: no way of printing a command shows what is secret in it.
func TestRedaction(t *testing.T) {
	for _, v := range holders {
		values := []any{v, reflect.ValueOf(v).Elem().Interface()}
		if c, ok := v.(Command); ok {
			values = append(values, &TaggedCommand{Tag: "a", Command: c}, []Command{c}, map[string]Command{"a": c})
		}
		for _, v := range values {
			for how, text := range printed(t, v) {
				if strings.Contains(text, hidden) || strings.Contains(text, fmt.Sprintf("%x", hidden)) || strings.Contains(text, "104 117 110") {
					t.Errorf("%T with %s: %s", v, how, text)
				}
			}
		}
	}
}

// printed is a value as all that prints shows it.
func printed(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	if data, err := json.Marshal(v); err == nil {
		out["JSON"] = string(data)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	out["slog"] = log.String()
	out["error"] = fmt.Errorf("refused: %v", v).Error()
	return out
}

// TestRedactionErrors: neither errors of decoders nor of encoders hold what was decoded.
func TestRedactionErrors(t *testing.T) {
	for _, line := range []string{"a LOGIN u hunter2 x", `a LOGIN u "hunter2`, "a LOGIN hunter2", "a AUTHENTICATE PLAIN hunter2", "a LOGIN u hun\x00ter2"} {
		v, err := new(Decoder).TaggedCommand(Frame{Bytes: []byte(line + "\r\n")})
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), hidden) {
			t.Errorf("%q: %#v", line, err)
		}
		if text := fmt.Sprintf("%+v", v); strings.Contains(text, hidden) && !strings.Contains(line, "LOGIN hunter2") {
			t.Errorf("%q: what was decoded until the error: %s", line, text)
		}
	}
	_, err := new(Encoder).AppendCommand(nil, "a", &Login{UserID: "u", Password: hidden + "\x00"})
	if err == nil || strings.Contains(fmt.Sprintf("%#v", err), hidden) {
		t.Errorf("%#v", err)
	}
}

// TestSecretFields: every field whose name tells of a secret has a type that hides it,
// and holders lists every struct that has such a field.
func TestSecretFields(t *testing.T) {
	listed := map[reflect.Type]bool{}
	for _, v := range holders {
		listed[reflect.TypeOf(v).Elem()] = true
	}
	seen := map[reflect.Type]bool{}
	for i := range reflect.TypeFor[Decoder]().NumField() { // the storage of a decoder is of all types
		field := reflect.TypeFor[Decoder]().Field(i)
		if !strings.HasPrefix(field.Name, "slab") {
			continue
		}
		fresh, _ := reflect.PointerTo(field.Type).MethodByName("New")
		seen[fresh.Type.Out(0).Elem()] = true
	}
	for typ := range seen {
		if typ.Kind() != reflect.Struct {
			continue
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			secret := f.Type == reflect.TypeFor[Secret]() || f.Type == reflect.TypeFor[SecretBytes]()
			if secret && !listed[typ] {
				t.Errorf("%v holds a secret, and no test prints it", typ)
			}
			if name := strings.ToLower(f.Name); !secret && (strings.Contains(name, "password") || strings.Contains(name, "initialresponse")) {
				t.Errorf("%v.%s is not hidden", typ, f.Name)
			}
		}
	}
}
