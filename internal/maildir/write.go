package maildir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

const (
	// batchFiles and batchOctets are how much is written before it is made durable.
	batchFiles  = 1000
	batchOctets = 64 << 20
)

// Writer is a transfer.Receiver that writes a Maildir.
type Writer struct {
	target *transfer.Target
	listen transfer.Listener
	done   transfer.Progress

	dir      string // of the mailbox; "" before the first
	box      transfer.Mailbox
	lines    *transfer.LineWriter
	keywords keywords
	saved    int // keywords that are in the file
	batch    []pending
	octets   int64
}

// pending is a message in tmp.
type pending struct{ temp, name string }

// NewWriter returns a Writer to a target, and what is there already.
func NewWriter(target *transfer.Target, listen transfer.Listener) (*Writer, transfer.Have, error) {
	w := &Writer{target: target, listen: listen}
	have := make(transfer.Have)
	for id, dir := range target.Earlier() {
		names, err := list(target.Root, path.Join(dir, "cur"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		var set imap.UIDSet
		for _, name := range names {
			base, _ := parseName(name)
			if uid, ok := uidOf(base); ok {
				set = append(set, imap.UIDRange{Start: uid, Stop: uid})
				w.done.Present++
			}
		}
		have[id] = set.Normalize()
	}
	return w, have, nil
}

// list returns the names in a directory, which is none of another one by a link.
func list(root *os.Root, dir string) ([]string, error) {
	info, err := root.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "list", Path: dir, Err: errNoDirectory}
	}
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}

var errNoDirectory = errors.New("no directory")

// Done returns what has been done so far.
func (w *Writer) Done() transfer.Progress { return w.done }

// Account makes all mailboxes' directories, and writes down subscriptions.
func (w *Writer) Account(a transfer.Account) error {
	if err := w.target.Begin(a, dirName); err != nil {
		return err
	}
	root := w.target.Root
	for _, p := range w.target.Places() {
		for _, dir := range []string{p.Path, path.Join(p.Path, "cur"), path.Join(p.Path, "new"), path.Join(p.Path, "tmp")} {
			if err := makeDir(root, dir); err != nil {
				return err
			}
		}
		if p.Path == "." {
			continue
		}
		f, err := root.OpenFile(path.Join(p.Path, "maildirfolder"), os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return transfer.WriteFile(root, subscriptionsName, formatSubscriptions(a.Subscriptions))
}

// makeDir makes a directory, in which nothing is a link.
func makeDir(root *os.Root, dir string) error {
	err := root.Mkdir(dir, 0o700)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := root.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "mkdir", Path: dir, Err: errNoDirectory}
	}
	return err
}

// Mailbox begins a mailbox.
func (w *Writer) Mailbox(m transfer.Mailbox) (err error) {
	if err := w.finishMailbox(); err != nil {
		return err
	}
	if w.dir, err = w.target.Path(m); err != nil {
		return err
	}
	w.box = m
	w.done.Mailbox = m.Name
	root := w.target.Root
	data, err := transfer.ReadSmall(root, path.Join(w.dir, keywordsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w.keywords = parseKeywords(data)
	w.saved = len(w.keywords)
	if err := w.emptyTmp(); err != nil {
		return err
	}
	w.lines, err = transfer.OpenLines(root, path.Join(w.dir, linesName), func(transfer.Line) bool { return true })
	return err
}

// emptyTmp removes what an export that was interrupted has left.
func (w *Writer) emptyTmp() error {
	names, err := list(w.target.Root, path.Join(w.dir, "tmp"))
	if err != nil {
		return err
	}
	for _, name := range names {
		base, _ := parseName(name)
		if _, ours := uidOf(base); ours {
			if err := w.target.Root.Remove(path.Join(w.dir, "tmp", name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Message writes a message to tmp.
func (w *Writer) Message(m transfer.Message, octets io.Reader) error {
	if w.dir == "" {
		return errors.New("a message without a mailbox")
	}
	date := imap.DateTime(m.Date).Time()
	unique := fmt.Sprintf("%d.V%dU%d.%s", date.Unix(), w.box.UIDValidity, m.UID, ourHost)
	temp := path.Join(w.dir, "tmp", unique)
	size, err := w.writeFile(temp, m, octets, date)
	if err != nil {
		return err
	}
	base := fmt.Sprintf("%s,S=%d,W=%d", unique, size, m.Size)
	info, rest := w.keywords.encode(m.Flags)
	err = w.lines.Write(transfer.Line{
		File: base, UID: m.UID, Size: m.Size, Date: m.Date, Saved: m.Saved, Email: m.Email, Flags: rest, Exact: m.Exact,
	})
	if err != nil {
		return err
	}
	w.batch = append(w.batch, pending{temp, path.Join(w.dir, "cur", base+infoMark+info)})
	w.octets += m.Size
	if len(w.batch) >= batchFiles || w.octets >= batchOctets {
		return w.flush()
	}
	return nil
}

// writeFile writes a file and returns its size.
func (w *Writer) writeFile(name string, m transfer.Message, octets io.Reader, date time.Time) (int64, error) {
	f, err := w.target.Root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	src := io.Reader(&exactly{octets, m.Size})
	if !m.Exact {
		src = transfer.NewLFReader(src)
	}
	size, err := io.Copy(f, src)
	if err == nil {
		err = syncFile(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	// Dates that the file system cannot have are in the file of lines.
	_ = w.target.Root.Chtimes(name, date, date)
	return size, nil
}

// exactly is a reader that must have so many octets.
type exactly struct {
	src  io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.src.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// flush makes the messages in tmp durable, and moves them to cur.
func (w *Writer) flush() error {
	if len(w.batch) == 0 {
		return nil
	}
	root := w.target.Root
	if w.saved < len(w.keywords) {
		if err := transfer.WriteFile(root, path.Join(w.dir, keywordsName), []byte(w.keywords.String())); err != nil {
			return err
		}
		w.saved = len(w.keywords)
	}
	if err := w.lines.Sync(); err != nil {
		return err
	}
	if err := syncAll(root, path.Join(w.dir, "tmp")); err != nil {
		return err
	}
	for _, p := range w.batch {
		if err := root.Rename(p.temp, p.name); err != nil {
			return err
		}
	}
	w.done.Messages += int64(len(w.batch))
	w.done.Octets += w.octets
	w.batch, w.octets = w.batch[:0], 0
	if w.listen.Progress != nil {
		w.listen.Progress(w.done)
	}
	return nil
}

// finishMailbox ends a mailbox.
func (w *Writer) finishMailbox() error {
	if w.lines == nil {
		return nil
	}
	err := w.flush()
	err = errors.Join(err, w.lines.Close())
	w.lines = nil
	if err != nil {
		return err
	}
	for _, dir := range []string{"cur", "."} {
		if err := transfer.SyncDir(w.target.Root, path.Join(w.dir, dir)); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the export.
func (w *Writer) Close() error {
	if err := w.finishMailbox(); err != nil {
		return err
	}
	return w.target.Finish()
}

// Abort gives up. What is there can be gone on with.
func (w *Writer) Abort() {
	if w.lines != nil {
		_ = w.lines.Close() // the export has failed already
		w.lines = nil
	}
}
