package mbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store"
)

const (
	suffix     = ".mbox"
	dirSuffix  = ".sbd" // as Thunderbird has it
	lineSuffix = ".jsonl"
	partSuffix = ".part"

	// batchMessages and batchOctets are how much is written before it is made durable.
	batchMessages = 2000
	batchOctets   = 64 << 20
)

// pathOf is the file of a mailbox.
func pathOf(name string, attempt int) string {
	levels := strings.Split(name, store.Separator)
	for i, level := range levels {
		levels[i] = transfer.FileName(level)
		if len(levels[i]) > transfer.LongestName {
			attempt++
		}
	}
	if attempt > 0 || len(strings.Join(levels, "/")) > 1000 {
		return transfer.HashedName(name, attempt) + suffix
	}
	last := len(levels) - 1
	for i := range last {
		levels[i] += dirSuffix
	}
	return path.Join(levels...) + suffix
}

// Writer is a transfer.Receiver that writes mbox files.
type Writer struct {
	target *transfer.Target
	listen transfer.Listener
	done   transfer.Progress

	path   string // of the mailbox; "" before the first
	file   *os.File
	out    *bufio.Writer
	at     int64 // where out is in the file
	lines  *transfer.LineWriter
	batch  []transfer.Line
	octets int64
}

// NewWriter returns a Writer to a target, and what is there already.
func NewWriter(target *transfer.Target, listen transfer.Listener) (*Writer, transfer.Have, error) {
	w := &Writer{target: target, listen: listen}
	have := make(transfer.Have)
	for id, file := range target.Earlier() {
		info, err := target.Root.Lstat(file)
		switch {
		case err == nil && !info.Mode().IsRegular():
			return nil, nil, fmt.Errorf("%s is no regular file", file)
		case err == nil:
			have[id] = imap.UIDSet{{Start: 1, Stop: math.MaxUint32}} // it is complete
		case errors.Is(err, fs.ErrNotExist):
			if have[id], err = w.recover(file); err != nil {
				return nil, nil, err
			}
		default:
			return nil, nil, err
		}
	}
	return w, have, nil
}

// recover brings a file that is not complete, and its lines, back to the last message that both have.
func (w *Writer) recover(file string) (imap.UIDSet, error) {
	part, info, err := openPart(w.target.Root, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var uids imap.UIDSet
	end := int64(0)
	lines, err := transfer.OpenLines(w.target.Root, file+lineSuffix, func(l transfer.Line) bool {
		next := l.End + separator(part, l.End)
		if l.At <= end || l.End <= l.At || next > info.Size() {
			return false
		}
		end = next
		uids = append(uids, imap.UIDRange{Start: l.UID, Stop: l.UID})
		w.done.Present++
		return true
	})
	if err == nil {
		err = lines.Close()
	}
	if err == nil {
		err = part.Truncate(end)
	}
	return uids.Normalize(), errors.Join(err, part.Close())
}

// openPart opens a file that is not complete.
func openPart(root *os.Root, file string) (*os.File, fs.FileInfo, error) {
	info, err := root.Lstat(file + partSuffix)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is no regular file", file+partSuffix)
	}
	f, err := root.OpenFile(file+partSuffix, os.O_RDWR, 0)
	return f, info, err
}

// separator is how many octets stand between the end of a message and what follows: an empty line, and before it the end
// of a last line that has none.
func separator(f io.ReaderAt, end int64) int64 {
	var last [1]byte
	if _, err := f.ReadAt(last[:], end-1); err != nil || last[0] != '\n' {
		return 2
	}
	return 1
}

// Done returns what has been done so far.
func (w *Writer) Done() transfer.Progress { return w.done }

// Account makes directories, and the files of empty mailboxes.
func (w *Writer) Account(a transfer.Account) error {
	if err := w.target.Begin(a, pathOf); err != nil {
		return err
	}
	root := w.target.Root
	for _, p := range w.target.Places() {
		if err := root.MkdirAll(path.Dir(p.Path), 0o700); err != nil {
			return err
		}
		if p.Messages > 0 {
			continue
		}
		if err := makeFile(root, p.Path); err != nil {
			return err
		}
	}
	return nil
}

// makeFile makes an empty file, unless there is one.
func makeFile(root *os.Root, name string) error {
	if err := noLink(root, name); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// noLink refuses what is there and no file.
func noLink(root *os.Root, name string) error {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", name)
	}
	return nil
}

// Mailbox begins a mailbox, or goes on with it.
func (w *Writer) Mailbox(m transfer.Mailbox) (err error) {
	if err := w.finishMailbox(); err != nil {
		return err
	}
	if w.path, err = w.target.Path(m); err != nil {
		return err
	}
	w.done.Mailbox = m.Name
	return nil
}

// begin opens the files when the first message comes: a mailbox that is complete gets none.
func (w *Writer) begin() (err error) {
	root := w.target.Root
	if err := noLink(root, w.path+partSuffix); err != nil {
		return err
	}
	if w.file, err = root.OpenFile(w.path+partSuffix, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if w.at, err = w.file.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	w.out = bufio.NewWriterSize(w.file, 256<<10)
	keep := w.at > 0 // otherwise the lines are of something else
	w.lines, err = transfer.OpenLines(root, w.path+lineSuffix, func(transfer.Line) bool { return keep })
	return err
}

// write writes to the file.
func (w *Writer) write(text string) error {
	n, err := w.out.WriteString(text)
	w.at += int64(n)
	return err
}

// Message writes a message.
func (w *Writer) Message(m transfer.Message, octets io.Reader) error {
	if w.path == "" {
		return errors.New("a message without a mailbox")
	}
	if w.file == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	if err := w.write(fromLine(imap.DateTime(m.Date))); err != nil {
		return err
	}
	line := transfer.Line{UID: m.UID, At: w.at, Size: m.Size, Date: m.Date, Saved: m.Saved, Email: m.Email, Flags: m.Flags, Exact: m.Exact}
	head := statusFields(m.Flags)
	line.Head = int64(len(head))
	if err := w.write(head); err != nil {
		return err
	}
	count := &counter{src: io.LimitReader(octets, m.Size)}
	src := io.Reader(count)
	if !m.Exact {
		src = transfer.NewLFReader(src)
	}
	tail := &lastOctet{src: newQuoter(src), last: '\n'}
	n, err := io.Copy(w.out, tail)
	w.at += n
	if err == nil && count.n < m.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	line.End = w.at
	end := "\n"
	if tail.last != '\n' {
		end = "\n\n"
	}
	if err := w.write(end); err != nil {
		return err
	}
	w.batch = append(w.batch, line)
	w.octets += m.Size
	if len(w.batch) >= batchMessages || w.octets >= batchOctets {
		return w.flush()
	}
	return nil
}

// counter counts what is read.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

// lastOctet remembers the last octet.
type lastOctet struct {
	src  io.Reader
	last byte
}

func (l *lastOctet) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	if n > 0 {
		l.last = p[n-1]
	}
	return n, err
}

// statusFields are the flags as header fields.
func statusFields(flags []string) string {
	set := imap.FlagsOf(flags...)
	status, x := "O", ""
	if set.Has(imap.FlagSeen) {
		status = "RO"
	}
	for _, l := range xStatus {
		if set.Has(l.flag) {
			x += string(l.letter)
		}
	}
	set.Remove(imap.FlagSeen | imap.FlagAnswered | imap.FlagFlagged | imap.FlagDraft | imap.FlagDeleted)
	text := "Status: " + status + "\nX-Status: " + x + "\n"
	words := slices.DeleteFunc(set.Names(), func(word string) bool { return strings.ContainsAny(word, " \r\n") })
	if len(words) > 0 {
		text += "X-Keywords: " + strings.Join(words, " ") + "\n"
	}
	return text
}

// xStatus are the letters of X-Status.
var xStatus = []struct {
	letter byte
	flag   imap.Flag
}{{'A', imap.FlagAnswered}, {'F', imap.FlagFlagged}, {'T', imap.FlagDraft}, {'D', imap.FlagDeleted}}

// flush makes what has been written durable: first the file, then the lines that say so.
func (w *Writer) flush() error {
	if len(w.batch) == 0 {
		return nil
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	for _, l := range w.batch {
		if err := w.lines.Write(l); err != nil {
			return err
		}
	}
	if err := w.lines.Sync(); err != nil {
		return err
	}
	w.done.Messages += int64(len(w.batch))
	w.done.Octets += w.octets
	w.batch, w.octets = w.batch[:0], 0
	if w.listen.Progress != nil {
		w.listen.Progress(w.done)
	}
	return nil
}

// finishMailbox gives a complete mailbox its name.
func (w *Writer) finishMailbox() error {
	root := w.target.Root
	if w.file == nil {
		if w.path == "" {
			return nil
		}
		// Nothing more was to come: what an earlier export has left is complete.
		err := root.Rename(w.path+partSuffix, w.path)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	err := w.flush()
	err = errors.Join(err, w.lines.Close(), w.file.Close())
	w.file, w.lines = nil, nil
	if err != nil {
		return err
	}
	if err := root.Rename(w.path+partSuffix, w.path); err != nil {
		return err
	}
	return transfer.SyncDir(root, path.Dir(w.path))
}

// Close ends the export.
func (w *Writer) Close() error {
	if err := w.finishMailbox(); err != nil {
		return err
	}
	// Of some, no message has come: they were expunged meanwhile, or could not be read.
	for _, p := range w.target.Places() {
		if err := makeFile(w.target.Root, p.Path); err != nil {
			return err
		}
	}
	return w.target.Finish()
}

// Abort gives up. What is there can be gone on with.
func (w *Writer) Abort() {
	if w.file != nil {
		_ = errors.Join(w.lines.Close(), w.file.Close()) // the export has failed already
		w.file, w.lines = nil, nil
	}
}
