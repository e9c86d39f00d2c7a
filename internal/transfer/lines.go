package transfer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/imapsrv/imapsrv/imap"
)

// Line is what one line of a mailbox's file of messages says. Which members there are depends on the format.
type Line struct {
	// File is the part of the file's name before the flags (maildir).
	File string `json:"file,omitempty"`
	// UID is that of the account that was exported.
	UID imap.UID `json:"uid,omitempty"`
	// At and End are where the message's octets are in the file, its own header included (mbox).
	At  int64 `json:"at,omitempty"`
	End int64 `json:"end,omitempty"`
	// Head is how many octets at the beginning are no part of the message: Status and the like (mbox).
	Head int64 `json:"head,omitempty"`
	// Size is the message's number of octets, as it was in the account.
	Size int64 `json:"size"`
	// Date is INTERNALDATE.
	Date Date `json:"date"`
	// Saved is SAVEDATE, the zero value if it is not known.
	Saved Date `json:"saved,omitzero"`
	// Email is the EMAILID, if other messages of the account have it too: they are copies of one message.
	Email string `json:"email,omitempty"`
	// Flags are those that the file's name does not say (maildir), or all of them (mbox).
	Flags []string `json:"flags,omitempty"`
	// Exact tells that the octets are as they were in the account. Otherwise LF stands for CRLF.
	Exact bool `json:"exact,omitempty"`
}

// lineHeader is the first line.
type lineHeader struct {
	Version int `json:"imapsrv-messages"`
}

// LineWriter appends lines to a file.
type LineWriter struct {
	file *os.File
	out  *bufio.Writer
}

// OpenLines opens a file of lines to append to it. What it has already is given to use, until that returns false; the
// rest, and a last line that is not complete, is cut off.
func OpenLines(root *os.Root, name string, use func(Line) bool) (_ *LineWriter, err error) {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	end, err := readLines(f, name, use)
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w := &LineWriter{f, bufio.NewWriterSize(f, 64<<10)}
	if end == 0 {
		err = w.write(lineHeader{accountVersion})
	}
	return w, err
}

// ReadLines reads a file of lines; one that is not there has none.
func ReadLines(root *os.Root, name string, use func(Line)) error {
	f, _, err := OpenRegular(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = readLines(f, name, func(l Line) bool {
		use(l)
		return true
	})
	return errors.Join(err, f.Close())
}

// readLines returns where the lines that use wanted end.
func readLines(f io.Reader, name string, use func(Line) bool) (end int64, err error) {
	in := bufio.NewReaderSize(f, 64<<10)
	var line []byte
	for first := true; ; first = false {
		line, err = readLine(in, line[:0])
		if errors.Is(err, io.EOF) {
			return end, nil // what has no LF is not complete
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		if first {
			var h lineHeader
			if err := json.Unmarshal(line, &h); err != nil || h.Version != accountVersion {
				return 0, fmt.Errorf("%s has version %d; this program knows version %d (%w)",
					name, h.Version, accountVersion, errors.Join(err, errVersion))
			}
		} else {
			var l Line
			if json.Unmarshal(line, &l) != nil || !use(l) {
				return end, nil
			}
		}
		end += int64(len(line)) + 1
	}
}

var errVersion = errors.New("it cannot be read")

func (w *LineWriter) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.out.Write(append(line, '\n'))
	return err
}

// Write adds a line.
func (w *LineWriter) Write(l Line) error { return w.write(l) }

// Sync makes the lines durable.
func (w *LineWriter) Sync() error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.file.Sync()
}

// Close makes the lines durable and closes the file.
func (w *LineWriter) Close() error { return errors.Join(w.Sync(), w.file.Close()) }
