//go:build growth

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"github.com/imapsrv/imapsrv/bench/base"
	"github.com/imapsrv/imapsrv/imap"
)

// Package base is the codec of both revisions and CONDSTORE alone, from the same generator: what is beside it here is
// what all the other extensions cost those who do not use them. make bench-growth writes it, and runs this.
func init() {
	more = func(dir string) ([]workload, error) {
		commands, err := os.ReadFile(filepath.Join(dir, "commands.txt"))
		if err != nil {
			return nil, err
		}
		fetches, err := os.ReadFile(filepath.Join(dir, "fetch.txt"))
		if err != nil {
			return nil, err
		}
		search, flags := searchLine(1000), flagLines(50000)
		pair := func(name string, data []byte, every, alone func([]byte) func()) workload {
			return work("growth: "+name, data, subject{"imap, all extensions", every(data)}, subject{"base alone", alone(data)})
		}
		return []workload{
			pair("decode commands", commands, taggedCommands, baseCommands),
			pair("decode FETCH", fetches, borrowedResponses, baseResponses),
			pair("decode SEARCH", search, borrowedResponses, baseResponses),
			pair("read and decode FLAGS", flags, everyReads, baseReads),
			pair("encode FETCH", fetches, everyEncodes, baseEncodes),
			pair("encode FLAGS", flags, everyEncodes, baseEncodes),
			pair("encode SEARCH", search, everyEncodes, baseEncodes),
		}, nil
	}
}

// passes is a pass that decodes each unit.
func passes[V any](data []byte, decode func(imap.Frame) (V, error)) func() {
	units := lines(data)
	return func() {
		for _, u := range units {
			_, err := decode(imap.Frame{Bytes: u})
			must(err)
		}
	}
}

// everyDecoder and baseDecoder borrow values.
func everyDecoder() *imap.Decoder {
	d := new(imap.Decoder)
	d.Borrow = true
	return d
}

func baseDecoder() *base.Decoder {
	d := new(base.Decoder)
	d.Borrow = true
	return d
}

func taggedCommands(data []byte) func() { return passes(data, everyDecoder().TaggedCommand) }
func baseCommands(data []byte) func()   { return passes(data, baseDecoder().TaggedCommand) }

func borrowedResponses(data []byte) func() { return passes(data, everyDecoder().Response) }
func baseResponses(data []byte) func()     { return passes(data, baseDecoder().Response) }

func everyReads(data []byte) func() { return reads(data, everyDecoder().Response) }
func baseReads(data []byte) func()  { return reads(data, baseDecoder().Response) }

func everyEncodes(data []byte) func() {
	e := new(imap.Encoder)
	e.Side = imap.Server
	return encodes(data, new(imap.Decoder).Response, e.AppendResponse)
}

func baseEncodes(data []byte) func() {
	e := new(base.Encoder)
	e.Side = imap.Server
	return encodes(data, new(base.Decoder).Response, e.AppendResponse)
}

// reads is a pass that reads, frames and decodes.
func reads[V any](data []byte, decode func(imap.Frame) (V, error)) func() {
	src := bytes.NewReader(data)
	r := imap.NewReader(src, imap.Server, imap.Limits{})
	return func() {
		src.Reset(data)
		for {
			f, err := r.Next()
			if err == io.EOF {
				return
			}
			must(err)
			_, err = decode(f)
			must(err)
		}
	}
}

// encodes is a pass that encodes what the units say.
func encodes[V any](data []byte, decode func(imap.Frame) (V, error), encode func([]byte, V) ([]byte, error)) func() {
	var values []V
	for _, u := range lines(data) {
		v, err := decode(imap.Frame{Bytes: u})
		must(err)
		values = append(values, v)
	}
	out := make([]byte, 0, len(data)+1024)
	return func() {
		out = out[:0]
		for _, v := range values {
			var err error
			out, err = encode(out, v)
			must(err)
		}
	}
}
