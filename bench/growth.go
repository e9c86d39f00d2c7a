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
			pair("read and decode FLAGS", flags, readResponses, baseReads),
			pair("encode FETCH", fetches, encodeResponses, baseEncodes),
			pair("encode FLAGS", flags, encodeResponses, baseEncodes),
			pair("encode SEARCH", search, encodeResponses, baseEncodes),
		}, nil
	}
}

func taggedCommands(data []byte) func() {
	units := lines(data)
	d := &imap.Decoder{}
	d.Borrow = true
	return func() {
		for _, u := range units {
			_, err := d.TaggedCommand(imap.Frame{Bytes: u})
			must(err)
		}
	}
}

func borrowedResponses(data []byte) func() { return decodeResponses(data, true) }

func baseCommands(data []byte) func() {
	units := lines(data)
	d := &base.Decoder{}
	d.Borrow = true
	return func() {
		for _, u := range units {
			_, err := d.TaggedCommand(imap.Frame{Bytes: u})
			must(err)
		}
	}
}

func baseResponses(data []byte) func() {
	units := lines(data)
	d := &base.Decoder{}
	d.Borrow = true
	return func() {
		for _, u := range units {
			_, err := d.Response(imap.Frame{Bytes: u})
			must(err)
		}
	}
}

func baseReads(data []byte) func() {
	d := &base.Decoder{}
	d.Borrow = true
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
			_, err = d.Response(f)
			must(err)
		}
	}
}

func baseEncodes(data []byte) func() {
	var values []base.Response
	var d base.Decoder
	for _, u := range lines(data) {
		v, err := d.Response(imap.Frame{Bytes: u})
		must(err)
		values = append(values, v)
	}
	e := &base.Encoder{}
	e.Side = imap.Server
	out := make([]byte, 0, len(data)+1024)
	return func() {
		out = out[:0]
		for _, v := range values {
			var err error
			out, err = e.AppendResponse(out, v)
			must(err)
		}
	}
}
