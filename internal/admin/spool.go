package admin

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// spoolMemory is how much of a message is kept in memory before it goes to a temporary file.
const spoolMemory = 64 << 10

// spool holds a message whose size is not known before its end has been seen.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	size   int64
}

// readSpool reads src to its end. A message over limit octets is TooBig; the rest of it is left unread.
func (s *Service) readSpool(src io.Reader, limit int64) (_ *spool, err error) {
	sp := &spool{}
	defer func() {
		if err != nil {
			err = errors.Join(err, sp.Close())
		}
	}()
	src = io.LimitReader(src, limit+1)
	n, err := io.CopyN(&sp.memory, src, spoolMemory+1)
	sp.size = n
	switch {
	case errors.Is(err, io.EOF):
		err = nil
	case err == nil:
		err = sp.spill(s.dir, src)
	}
	if err == nil && sp.size > limit {
		err = errTooBig
	}
	if err != nil {
		return nil, err
	}
	return sp, nil
}

var errTooBig = &Error{Kind: TooBig, Text: "the message is too big"}

// spill moves what has been read to a file without a name, and reads the rest.
func (sp *spool) spill(dir string, rest io.Reader) (err error) {
	sp.file, err = os.CreateTemp(dir, ".message-*")
	if err != nil {
		return err
	}
	_ = os.Remove(sp.file.Name()) // where open files cannot be removed, Close does it
	if _, err = sp.memory.WriteTo(sp.file); err != nil {
		return err
	}
	n, err := io.Copy(sp.file, rest)
	sp.size += n
	return err
}

// reader returns the message from its beginning. Several may be in use.
func (sp *spool) reader() io.Reader {
	if sp.file != nil {
		return io.NewSectionReader(sp.file, 0, sp.size)
	}
	return bytes.NewReader(sp.memory.Bytes())
}

// Close throws the message away.
func (sp *spool) Close() error {
	if sp.file == nil {
		return nil
	}
	err := sp.file.Close()
	if e := os.Remove(sp.file.Name()); !errors.Is(e, os.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}
