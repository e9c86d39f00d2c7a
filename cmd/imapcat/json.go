package main

import (
	"bufio"
	"strconv"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

// jsonPrinter writes one object a line.
type jsonPrinter struct{ w *bufio.Writer }

// print implements printer.
func (p *jsonPrinter) print(i item) error {
	r := &renderer{}
	r.object(func() { r.item(i) })
	_, err := p.w.Write(append(r.b, '\n'))
	return err
}

// item writes the members of a record.
func (r *renderer) item(i item) {
	r.optional("file", i.file)
	r.optional("from", i.from)
	r.integer("offset", i.Offset)
	if i.Fault != nil {
		r.fault(i.Fault)
		return
	}
	r.integer("length", i.Length)
	r.member("tag", i.Tag)
	r.member("type", i.Type)
	r.key("value")
	r.b = append(r.b, render(i.Value, i.Elided)...)
	r.key("encoded")
	if i.Encoded == nil {
		r.b = append(r.b, "null"...)
	} else {
		r.text(string(i.Encoded))
	}
	r.diagnostics(i.Diagnostics)
	if c := i.completes; c != nil {
		r.key("completes")
		r.object(func() {
			r.integer("offset", c.offset)
			r.member("type", c.typ)
		})
	}
}

// diagnostics writes what was read although the grammar forbids it.
func (r *renderer) diagnostics(list []imap.Diagnostic) {
	if len(list) == 0 {
		return
	}
	r.key("diagnostics")
	r.b = append(r.b, '[')
	for k, d := range list {
		if k > 0 {
			r.b = append(r.b, ',')
		}
		r.object(func() {
			r.integer("offset", int64(d.Offset))
			r.member("rule", d.Rule)
			r.member("quirk", d.Quirk.String())
			r.member("original", d.Original)
			r.member("read", d.Read)
		})
	}
	r.b = append(r.b, ']')
}

func (r *renderer) fault(f *trace.Fault) {
	r.key("error")
	r.object(func() {
		r.integer("offset", f.Offset)
		r.member("rule", f.Rule)
		r.member("message", f.Message)
	})
}

func (r *renderer) integer(name string, n int64) {
	r.key(name)
	r.b = strconv.AppendInt(r.b, n, 10)
}

func (r *renderer) member(name, value string) {
	r.key(name)
	r.text(value)
}

func (r *renderer) optional(name, value string) {
	if value != "" {
		r.member(name, value)
	}
}
