package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/imapsrv/imapsrv/bench/prototype"
	"github.com/imapsrv/imapsrv/imap"
)

// workloads are those of which the goals for the codec speak.
func workloads(dir string) ([]workload, error) {
	commands, err := os.ReadFile(filepath.Join(dir, "commands.txt"))
	if err != nil {
		return nil, err
	}
	fetches, err := os.ReadFile(filepath.Join(dir, "fetch.txt"))
	if err != nil {
		return nil, err
	}
	search, flags := searchLine(1000), flagLines(50000)
	return []workload{
		work("decode commands", commands,
			subject{"imap borrow", decodeCommands(commands, true)},
			subject{"imap owned", decodeCommands(commands, false)},
			subject{"prototype", prototypeCommands(commands)},
			subject{"floor: tokens", floor(commands, tokens)},
			subject{"floor: words", floor(commands, words)}),
		work("decode FETCH", fetches,
			subject{"imap borrow", decodeResponses(fetches, true)},
			subject{"imap owned", decodeResponses(fetches, false)},
			subject{"prototype", prototypeResponses(fetches, false)},
			subject{"prototype owned", prototypeResponses(fetches, true)},
			subject{"floor: tokens", floor(fetches, tokens)},
			subject{"floor: words", floor(fetches, words)}),
		numbers("decode SEARCH, a number", search, 1000,
			subject{"imap borrow", decodeResponses(search, true)},
			subject{"prototype", prototypeResponses(search, false)},
			subject{"floor: tokens", floor(search, tokens)},
			subject{"floor: words", floor(search, words)}),
		work("read and decode FLAGS", flags,
			subject{"imap borrow", readResponses(flags)},
			subject{"prototype", prototypeReads(flags)},
			subject{"floor: tokens", floor(flags, tokens)},
			subject{"floor: words", floor(flags, words)}),
		work("encode FETCH", fetches,
			subject{"imap", encodeResponses(fetches)},
			subject{"prototype", prototypeEncodes(fetches)},
			subject{"floor: copy", floor(fetches, copied(fetches))}),
		work("encode FLAGS", flags,
			subject{"imap", encodeResponses(flags)},
			subject{"prototype", prototypeEncodes(flags)}),
		numbers("encode SEARCH, a number", search, 1000,
			subject{"imap", encodeResponses(search)},
			subject{"prototype", prototypeEncodes(search)}),
		work("serve commands", commands,
			subject{"imap", readCommands(commands)},
			subject{"go-imap server", goimapServes(commands)}),
		work("read FETCH", fetches,
			subject{"imap", readResponses(fetches)},
			subject{"go-imap client", goimapReads(fetches)}),
	}, nil
}

func work(name string, data []byte, s ...subject) workload {
	return numbers(name, data, bytes.Count(data, []byte("\n")), s...)
}

func numbers(name string, data []byte, units int, s ...subject) workload {
	return workload{name, units, len(data), s}
}

// searchLine is a SEARCH response.
func searchLine(n int) []byte {
	b := []byte("* SEARCH")
	v := 3
	for i := range n {
		v += i*7919%97 + 1
		b = fmt.Appendf(b, " %d", v)
	}
	return append(b, "\r\n"...)
}

// flagLines are what a client gets that asks for all flags.
func flagLines(n int) (b []byte) {
	sets := []string{`\Seen`, `\Answered \Seen`, ``, `\Flagged \Seen $Junk`, `\Deleted`}
	for i := range n {
		b = fmt.Appendf(b, "* %d FETCH (UID %d FLAGS (%s))\r\n", i+1, i*3+100, sets[i%len(sets)])
	}
	return b
}

// lines are the units of an input, with slack behind each.
func lines(data []byte) (out [][]byte) {
	data = append(bytes.Clone(data), make([]byte, 128)...)
	for {
		n := bytes.IndexByte(data, '\n') + 1
		if n == 0 {
			return out
		}
		out = append(out, data[:n])
		data = data[n:]
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func decodeCommands(data []byte, borrow bool) func() {
	units := lines(data)
	d := &imap.Decoder{}
	d.Borrow = borrow
	return func() {
		for _, u := range units {
			_, _, err := d.Command(imap.Frame{Bytes: u})
			must(err)
		}
	}
}

func decodeResponses(data []byte, borrow bool) func() {
	units := lines(data)
	d := &imap.Decoder{}
	d.Borrow = borrow
	return func() {
		for _, u := range units {
			_, err := d.Response(imap.Frame{Bytes: u})
			must(err)
		}
	}
}

func readResponses(data []byte) func() {
	d := &imap.Decoder{}
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

func readCommands(data []byte) func() {
	d := &imap.Decoder{}
	d.Borrow = true
	src := bytes.NewReader(data)
	r := imap.NewReader(src, imap.Client, imap.Limits{})
	return func() {
		src.Reset(data)
		for {
			f, err := r.Next()
			if err == io.EOF {
				return
			}
			must(err)
			_, _, err = d.Command(f)
			must(err)
		}
	}
}

func encodeResponses(data []byte) func() {
	var values []imap.Response
	var d imap.Decoder
	for _, u := range lines(data) {
		v, err := d.Response(imap.Frame{Bytes: u})
		must(err)
		values = append(values, v)
	}
	e := &imap.Encoder{}
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

func prototypeCommands(data []byte) func() {
	units := lines(data)
	var d prototype.Dec
	return func() {
		for _, u := range units {
			_, _, err := d.Command(u)
			must(err)
		}
	}
}

func prototypeResponses(data []byte, own bool) func() {
	units := lines(data)
	d := prototype.Dec{Own: own}
	return func() {
		for _, u := range units {
			_, err := d.Response(u)
			must(err)
		}
	}
}

func prototypeReads(data []byte) func() {
	var d prototype.Dec
	src := bytes.NewReader(data)
	r := prototype.Reader{R: src, MaxLine: 1 << 16, MaxSize: 1 << 26}
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

func prototypeEncodes(data []byte) func() {
	var values []prototype.Response
	for _, u := range lines(data) {
		v, err := new(prototype.Dec).Response(u)
		must(err)
		values = append(values, v)
	}
	var e prototype.Enc
	out := make([]byte, 0, len(data)+1024)
	return func() {
		out = out[:0]
		for _, v := range values {
			switch v := v.(type) {
			case *prototype.FetchData:
				out = e.AppendFetch(out, v)
			case *prototype.SearchData:
				out = e.AppendSearch(out, v)
			}
		}
	}
}
