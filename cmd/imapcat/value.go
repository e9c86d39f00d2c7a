package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

// renderer writes any value of package imap as JSON. It knows kinds of values, not single types:
//
//   - keywords are strings, sets of flags lists of strings, sets of numbers strings as on the wire, dates RFC 3339
//   - what is absent or NIL is left out; the values of a struct are in its order
//   - where a value can be of several types, "type" says which one it is
//   - octets that are no UTF-8 are {"base64": …}; a literal is {"size", "data"}, or {"size", "sha256"} if it was long
type renderer struct {
	b      []byte
	elided []trace.Elided
}

// render returns the JSON of the value that v points to.
func render(v any, elided []trace.Elided) json.RawMessage {
	r := &renderer{elided: elided}
	r.value(reflect.ValueOf(v).Elem())
	return r.b
}

var (
	literalType = reflect.TypeFor[imap.Literal]()
	nstringType = reflect.TypeFor[imap.NString]()
	numbersType = []reflect.Type{reflect.TypeFor[imap.SequenceSet](), reflect.TypeFor[imap.UIDSet]()}
)

// value writes one value.
func (r *renderer) value(v reflect.Value) {
	switch {
	case v.Type() == literalType:
		r.literal(v.Interface().(imap.Literal))
	case v.Type() == nstringType:
		r.text(v.Interface().(imap.NString).Value)
	case slices.Contains(numbersType, v.Type()):
		r.text(v.Interface().(fmt.Stringer).String())
	default:
		r.kind(v)
	}
}

func (r *renderer) kind(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		r.value(v.Elem())
	case reflect.Interface:
		r.alternative(v.Elem())
	case reflect.Struct:
		r.structure(v)
	case reflect.Slice:
		r.slice(v)
	case reflect.String:
		r.text(v.String())
	case reflect.Bool:
		r.b = strconv.AppendBool(r.b, v.Bool())
	default:
		r.number(v)
	}
}

// number writes a number, or the keyword or the flags that it stands for. An octet is a character.
func (r *renderer) number(v reflect.Value) {
	_, named := v.Interface().(fmt.Stringer)
	switch {
	case v.Interface() == imap.FetchAttBodySection:
		r.text("BODY[]") // the keyword alone is that of another item, too
	case named && v.Kind() == reflect.Uint8:
		r.text(v.Interface().(fmt.Stringer).String())
	case named:
		r.list(bitNames(v))
	case v.Kind() == reflect.Uint8:
		r.text(string(rune(v.Uint())))
	case v.CanInt():
		r.b = strconv.AppendInt(r.b, v.Int(), 10)
	default:
		r.b = strconv.AppendUint(r.b, v.Uint(), 10)
	}
}

// bitNames lists the names of the bits that are set.
func bitNames(v reflect.Value) []string {
	names := []string{}
	one := reflect.New(v.Type()).Elem()
	for set := v.Uint(); set != 0; set &= set - 1 {
		one.SetUint(set & -set)
		names = append(names, one.Interface().(fmt.Stringer).String())
	}
	return names
}

func (r *renderer) list(names []string) {
	r.each(len(names), func(i int) { r.text(names[i]) })
}

func (r *renderer) slice(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		r.text(string(v.Bytes()))
		return
	}
	r.each(v.Len(), func(i int) { r.value(v.Index(i)) })
}

func (r *renderer) each(n int, item func(int)) {
	r.b = append(r.b, '[')
	for i := range n {
		r.comma()
		item(i)
	}
	r.b = append(r.b, ']')
}

// alternative writes a value of several possible types.
func (r *renderer) alternative(v reflect.Value) {
	if v.Kind() != reflect.Pointer {
		r.value(v)
		return
	}
	r.object(func() {
		r.key("type")
		r.text(v.Type().Elem().Name())
		r.fields(v.Elem())
	})
}

// structure writes a struct: a time, a set of flags, or an object.
func (r *renderer) structure(v reflect.Value) {
	if t, ok := v.Interface().(interface{ Time() time.Time }); ok {
		layout := time.DateOnly
		if v.FieldByName("Hour").IsValid() {
			layout = time.RFC3339
		}
		r.text(t.Time().Format(layout))
		return
	}
	if bits, other := v.FieldByName("Bits"), v.FieldByName("Other"); bits.IsValid() && other.IsValid() {
		r.list(append(bitNames(bits), other.Interface().([]string)...))
		return
	}
	r.object(func() { r.fields(v) })
}

func (r *renderer) object(members func()) {
	r.b = append(r.b, '{')
	members()
	r.b = append(r.b, '}')
}

// fields writes the members of an object. The field Has says which of the others are there, and what else is.
func (r *renderer) fields(v reflect.Value) {
	has := presenceOf(v)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		field := v.Field(i)
		switch {
		case name == "Has":
			if names := has.without(v); len(names) > 0 {
				r.key(name)
				r.list(names)
			}
		case !has.omits(name) && (has[name] || !absent(field)):
			r.key(name)
			r.present(field)
		}
	}
}

// present writes a field that is there: null where it is NIL.
func (r *renderer) present(v reflect.Value) {
	if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
		r.b = append(r.b, "null"...)
		return
	}
	if v.Type() == nstringType && !v.Interface().(imap.NString).Valid {
		r.b = append(r.b, "null"...)
		return
	}
	r.value(v)
}

// absent reports whether a field stands for nothing. Plain numbers and strings never do,
// the numbers of messages when they are 0.
func absent(v reflect.Value) bool {
	_, named := v.Interface().(fmt.Stringer)
	switch v.Interface().(type) {
	case imap.UID, imap.SeqNum:
		return v.IsZero()
	}
	switch v.Kind() {
	case reflect.String:
		return false
	case reflect.Uint8:
		return v.IsZero()
	case reflect.Uint32, reflect.Uint64:
		return named && v.IsZero()
	case reflect.Struct:
		return v.IsZero() && !v.FieldByName("Other").IsValid()
	}
	return v.IsZero()
}

// literal writes a literal.
func (r *renderer) literal(l imap.Literal) {
	if !l.Valid {
		r.b = append(r.b, "null"...)
		return
	}
	if r.elision(l.Data) {
		return
	}
	r.object(func() {
		r.key("size")
		r.b = strconv.AppendInt(r.b, int64(len(l.Data)), 10)
		if l.Binary {
			r.key("binary")
			r.b = append(r.b, "true"...)
		}
		r.key("data")
		r.text(l.Data)
	})
}

// elision writes what is known of a literal that s is the marker of.
func (r *renderer) elision(s string) bool {
	i := slices.IndexFunc(r.elided, func(e trace.Elided) bool { return e.Marker == s })
	if i < 0 {
		return false
	}
	e := r.elided[i]
	r.object(func() {
		r.key("size")
		r.b = strconv.AppendInt(r.b, e.Size, 10)
		r.key("sha256")
		r.text(hex.EncodeToString(e.SHA256[:sha256.Size]))
	})
	return true
}

// text writes octets as a string if they are one.
func (r *renderer) text(s string) {
	if len(r.elided) > 0 && r.elision(s) {
		return
	}
	if utf8.ValidString(s) {
		r.b = appendString(r.b, s)
		return
	}
	r.object(func() {
		r.key("base64")
		r.b = appendString(r.b, base64.StdEncoding.EncodeToString([]byte(s)))
	})
}

// key begins a member of an object.
func (r *renderer) key(name string) {
	r.comma()
	r.b = append(appendString(r.b, name), ':')
}

// comma separates what comes from what is before it.
func (r *renderer) comma() {
	if last := r.b[len(r.b)-1]; last != '{' && last != '[' {
		r.b = append(r.b, ',')
	}
}

// appendString appends a JSON string. Unlike json.Marshal it leaves <, > and & as they are.
func appendString(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// A string is always encoded, and a buffer never fails.
	_ = e.Encode(s)
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}
