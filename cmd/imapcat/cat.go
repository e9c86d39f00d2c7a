package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/trace"
)

// item is a unit with what is known of where it belongs.
type item struct {
	*trace.Unit
	file      string   // empty for a single stream
	from      string   // "client" or "server" where both are shown
	completes *command // the command that the unit completes
}

// command is one that a completion can belong to.
type command struct {
	tag, name, typ string
	offset         int64
}

// printer writes one line for an item.
type printer interface{ print(item) error }

// output prints, and notes whether everything was well.
type output struct {
	printer
	faults int
}

func (o *output) put(i item) error {
	if i.Fault != nil {
		o.faults++
	}
	return o.print(i)
}

// cat reads all streams and returns the exit status.
func (c *commandLine) cat(env environment) int {
	w := bufio.NewWriterSize(env.stdout, 64<<10)
	env.stdin = flushing{env.stdin, w}
	out := &output{printer: c.printer(w, env)}
	err := c.streams(env, out)
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "imapcat: %v\n", err)
	}
	if err != nil || out.faults > 0 {
		return 1
	}
	return 0
}

// flushing is an input that may be a connection: what is known is shown before more of it is waited for.
type flushing struct {
	io.Reader
	w *bufio.Writer
}

func (f flushing) Read(p []byte) (int, error) {
	if err := f.w.Flush(); err != nil {
		return 0, err
	}
	return f.Reader.Read(p)
}

func (c *commandLine) printer(w *bufio.Writer, env environment) printer {
	if c.JSON {
		return &jsonPrinter{w: w}
	}
	return &textPrinter{w: w, colour: env.colour}
}

func (c *commandLine) options() trace.Options {
	opts := trace.Options{ShowSecrets: c.ShowSecrets, BareLF: c.LF}
	if c.Lenient {
		opts.Quirks = imap.Lenient
	}
	return opts
}

// streams reads both sides of a connection, or each file.
func (c *commandLine) streams(env environment, out *output) error {
	if c.Client != "" {
		return c.both(env, out)
	}
	if len(c.Files) == 0 {
		return c.one(env, out, "-", "")
	}
	var errs []error
	for _, file := range c.Files {
		name := file
		if len(c.Files) == 1 {
			name = ""
		}
		errs = append(errs, c.one(env, out, file, name))
	}
	return errors.Join(errs...)
}

// one reads one side.
func (c *commandLine) one(env environment, out *output, file, name string) error {
	r, err := open(env, file)
	if err != nil {
		return err
	}
	defer r.Close()
	side := imap.Client
	if c.From == "server" {
		side = imap.Server
	}
	f := trace.Follow(r, side, c.options())
	for {
		u, err := f.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := out.put(item{Unit: u, file: name}); err != nil {
			return err
		}
	}
}

// both reads the two sides of a connection.
func (c *commandLine) both(env environment, out *output) error {
	client, err := open(env, c.Client)
	if err != nil {
		return err
	}
	defer client.Close()
	server, err := open(env, c.Server)
	if err != nil {
		return err
	}
	defer server.Close()
	return newConversation(client, server, c.options(), out.put).run()
}

// open opens a file, or standard input for "-".
func open(env environment, file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(env.stdin), nil
	}
	return os.Open(file)
}
