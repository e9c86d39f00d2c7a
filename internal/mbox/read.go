package mbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store"
)

// Reader reads mbox files.
type Reader struct {
	root    *os.Root
	warn    func(string)
	boxes   []source
	account transfer.Account
	octets  int64
	read    atomic.Int64
}

// source is one file.
type source struct {
	path string
	size int64
	time time.Time
	box  transfer.Mailbox
}

// ErrNone is a directory without any mbox file in it.
var ErrNone = errors.New("there is no mbox file: none begins with \"From \"")

// Open finds the mailboxes at a path. One file alone is the mailbox of the name given; a directory is a tree of them.
func Open(name, mailbox string, warn func(string)) (_ *Reader, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	dir, base := name, ""
	if !info.IsDir() {
		dir, base = filepath.Split(name)
		dir = filepath.Clean(dir)
		if resolved, err := filepath.EvalSymlinks(name); err == nil { // the user has named the link
			dir, base = filepath.Split(resolved)
			dir = filepath.Clean(dir)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	r := &Reader{root: root, warn: warn}
	if base != "" {
		err = r.file(base, mailbox)
	} else {
		err = r.directory()
	}
	if err == nil && len(r.boxes) == 0 {
		err = ErrNone
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), root.Close())
	}
	for _, s := range r.boxes {
		r.octets += s.size
		r.account.Mailboxes = append(r.account.Mailboxes, s.box)
	}
	return r, nil
}

// Close closes the directory.
func (r *Reader) Close() error { return r.root.Close() }

// Octets is how long all files are, and how much of them has been read.
func (r *Reader) Octets() (total, read int64) { return r.octets, r.read.Load() }

// file adds a file whose mailbox is known.
func (r *Reader) file(name, mailbox string) error {
	f, info, err := transfer.OpenRegular(r.root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	if info.Size() > 0 && !begins(f) {
		return nil
	}
	r.boxes = append(r.boxes, source{name, info.Size(), info.ModTime(), transfer.Mailbox{Name: mailbox}})
	return nil
}

// begins tells whether a file begins as an mbox does.
func begins(f io.ReaderAt) bool {
	var head [len(from)]byte
	_, err := f.ReadAt(head[:], 0)
	return err == nil && string(head[:]) == from
}

// directory adds all files of a directory.
func (r *Reader) directory() error {
	file, err := transfer.ReadAccount(r.root)
	if err != nil {
		return err
	}
	known := make(map[string]transfer.Mailbox)
	if file != nil {
		r.account.Subscriptions = file.Subscriptions
		if !file.Complete {
			r.warn("this is an export that was interrupted: it may not have all messages")
		}
		for _, p := range file.Mailboxes {
			known[p.Path] = p.Mailbox
		}
	}
	err = fs.WalkDir(r.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			r.warn(fmt.Sprintf("%s is a link, which is not followed", name))
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		box, ok := known[name]
		if !ok && strings.HasSuffix(name, partSuffix) {
			box, ok = known[strings.TrimSuffix(name, partSuffix)]
		}
		if !ok {
			box = transfer.Mailbox{Name: nameOf(name)}
		}
		if err := r.file(name, box.Name); err != nil {
			return err
		}
		if n := len(r.boxes); n > 0 && r.boxes[n-1].path == name {
			switch {
			case ok:
				box.Messages = 0 // they are counted when they are read
				r.boxes[n-1].box = box
			case r.boxes[n-1].size == 0 && !strings.HasSuffix(name, suffix):
				r.boxes = r.boxes[:n-1] // an empty file may be anything
			}
		}
		return nil
	})
	if file == nil {
		for _, s := range r.boxes { // they are what the user saw
			r.account.Subscriptions = append(r.account.Subscriptions, s.box.Name)
		}
	}
	return err
}

// nameOf is the mailbox of a file, if nothing says better.
func nameOf(file string) string {
	levels := strings.Split(file, "/")
	last := len(levels) - 1
	for i := range levels {
		if i < last {
			levels[i] = strings.TrimSuffix(levels[i], dirSuffix)
		} else {
			levels[i] = strings.TrimSuffix(strings.TrimSuffix(levels[i], ".mbx"), suffix)
		}
		levels[i] = norm.NFC.String(strings.ToValidUTF8(transfer.LevelOf(levels[i]), "\uFFFD"))
		levels[i] = strings.ReplaceAll(levels[i], store.Separator, "_")
	}
	return strings.Join(levels, store.Separator)
}

// Send gives everything to a Receiver, and closes it.
func (r *Reader) Send(ctx context.Context, to transfer.Receiver) error {
	if err := to.Account(r.account); err != nil {
		return err
	}
	before := int64(0)
	for _, s := range r.boxes {
		if s.size > 0 {
			if err := to.Mailbox(s.box); err != nil {
				return err
			}
			if err := r.mailbox(ctx, s, to, before); err != nil {
				return fmt.Errorf("%s: %w", s.path, err)
			}
		}
		before += s.size
		r.read.Store(before)
	}
	return to.Close()
}

// mailbox sends the messages of a file; those before it had so many octets.
func (r *Reader) mailbox(ctx context.Context, s source, to transfer.Receiver, before int64) error {
	f, info, err := transfer.OpenRegular(r.root, s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := strings.TrimSuffix(s.path, partSuffix) + lineSuffix
	agree, err := r.agree(lines, f, info.Size())
	if err != nil {
		return err
	}
	if agree {
		var failed error
		err := transfer.ReadLines(r.root, lines, func(l transfer.Line) {
			if failed == nil {
				failed = errors.Join(ctx.Err(), sendLine(to, f, l))
				r.read.Store(before + l.End)
			}
		})
		return errors.Join(failed, err)
	}
	return r.scan(ctx, f, info, to, before)
}

// agree tells whether there are lines, and they are about the file as it is now.
func (r *Reader) agree(lines string, f io.ReaderAt, size int64) (bool, error) {
	end, n, good := int64(0), 0, true
	err := transfer.ReadLines(r.root, lines, func(l transfer.Line) {
		good = good && l.At > end && l.End >= l.At+l.Head && l.Head >= 0 && l.Size >= 0
		if good {
			end = l.End + separator(f, l.End)
		}
		n++
	})
	if n > 0 && (end != size || !good) {
		r.warn(fmt.Sprintf("%s is about another file: it has been changed; its flags and dates are not used", lines))
	}
	return n > 0 && end == size && good, err
}

// sendLine sends a message as its line says.
func sendLine(to transfer.Receiver, f io.ReaderAt, l transfer.Line) error {
	at, size := l.At+l.Head, l.End-l.At-l.Head
	open := func() io.Reader { return newUnquoter(io.NewSectionReader(f, at, size)) }
	m := transfer.Message{UID: l.UID, Flags: l.Flags, Date: l.Date, Saved: l.Saved, Email: l.Email, Exact: l.Exact}
	return transfer.Send(to, m, open, size)
}

// scan sends the messages of a file that nothing is known about.
func (r *Reader) scan(ctx context.Context, f io.ReaderAt, info fs.FileInfo, to transfer.Receiver, before int64) error {
	s := newScanner(f, info.Size())
	last := transfer.Date(imap.DateTimeOf(info.ModTime().UTC()))
	for {
		m, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if m.dated {
			last = m.date // one without a date came after the one before
		}
		open := func() io.Reader {
			raw := io.Reader(io.NewSectionReader(f, m.at, m.end-m.at))
			if m.plain {
				return raw
			}
			return newUnquoter(raw)
		}
		if err := transfer.Send(to, transfer.Message{Flags: slices.Clone(m.flags), Date: last}, open, m.end-m.at); err != nil {
			return err
		}
		r.read.Store(before + m.next)
	}
}
