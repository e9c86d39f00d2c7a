package sqlitestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"sync"
	"sync/atomic"

	"github.com/imapsrv/imapsrv/store"
)

var (
	errNegativeSize = errors.New("negative size")
	errMessageSize  = errors.New("message too large")
)

// staged is a body that no mailbox may hold yet: a small one in memory, a
// large one in the file that it will keep.
type staged struct {
	io.ReaderAt
	account *account
	size    int64
	data    []byte
	crc     uint32
	hash    [sha256.Size]byte
	summary []byte
	listing []byte

	file     file // nil for a small one
	number   uint64
	risked   atomic.Bool // an Append got so far that its outcome may be unknown
	appended atomic.Bool
	closed   atomic.Bool
	once     sync.Once
}

// Size is the number of octets.
func (s *staged) Size() int64 { return s.size }

// Close frees what Append did not take over. A file whose Append failed may
// be in use after a crash: the next sweep knows.
func (s *staged) Close() error {
	var err error
	s.once.Do(func() {
		s.closed.Store(true)
		if s.file == nil {
			return
		}
		err = s.file.Close()
		if !s.risked.Load() {
			err = errors.Join(err, s.account.store.fs.remove(s.account.path(bodiesDir, bodyName(s.number))))
		}
		s.account.unpin(s.number)
	})
	if err != nil {
		return s.account.report("close staged body", "", err)
	}
	return nil
}

// pin keeps the file of a body from being swept.
func (a *account) pin(number uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.staged == nil {
		a.staged = make(map[uint64]struct{})
	}
	a.staged[number] = struct{}{}
}

func (a *account) unpin(number uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.staged, number)
}

func (a *account) pinned(number uint64) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	_, ok := a.staged[number]
	return ok
}

// unexpected makes an end of input before the first octet an unexpected one.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	src io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.src.Read(p)
}

// Stage takes over a body.
func (h *handle) Stage(ctx context.Context, src io.Reader, size int64) (store.Staged, error) {
	const op = "stage"
	if err := h.checkSize(ctx, op, size); err != nil {
		return nil, err
	}
	s := &staged{account: h.account, size: size}
	src = contextReader{ctx, src}
	stage := s.small
	if size >= ownFile {
		stage = s.large
	}
	if err := stage(src); err != nil {
		return nil, fail(op, "", store.Unavailable, err)
	}
	if z := h.store.opts.Summarizer; z.Summarize != nil {
		// A message without a summary is a message all the same.
		summary, listing, err := z.Summarize(s, size)
		if err == nil && summary == nil {
			summary = []byte{}
		}
		if err == nil {
			s.summary, s.listing = summary, listing
		}
	}
	return s, nil
}

// checkSize says no to what need not be read at all.
func (h *handle) checkSize(ctx context.Context, op string, size int64) error {
	return h.look(ctx, op, func(s *state) error {
		switch {
		case size < 0:
			return fail(op, "", store.Cannot, errNegativeSize)
		case size > h.store.opts.Limits.MessageSize:
			return fail(op, "", store.TooBig, errMessageSize)
		}
		return s.room(op, h.id, 1, uint64(size))
	})
}

// small reads a body into memory.
func (s *staged) small(src io.Reader) error {
	s.data = make([]byte, s.size)
	if _, err := io.ReadFull(src, s.data); err != nil {
		return unexpected(err)
	}
	s.crc, s.hash = crc32.Checksum(s.data, castagnoli), sha256.Sum256(s.data)
	s.ReaderAt = bytes.NewReader(s.data)
	return nil
}

// large writes a body to a file of its own, durably: an Append that refers to
// it has only its own rows to write.
func (s *staged) large(src io.Reader) (err error) {
	a := s.account
	s.number = a.store.number.Add(1)
	a.pin(s.number)
	path := a.path(bodiesDir, bodyName(s.number))
	s.file, err = a.store.fs.create(path)
	if err != nil {
		a.unpin(s.number)
		return err
	}
	if err := s.fill(src); err != nil {
		return errors.Join(err, s.Close())
	}
	s.ReaderAt = io.NewSectionReader(s.file, 0, s.size)
	return nil
}

func (s *staged) fill(src io.Reader) error {
	w := bodyWriter{file: s.file, hash: sha256.New()}
	if err := w.copy(src, s.size); err != nil {
		return err
	}
	w.hash.Sum(s.hash[:0])
	if _, err := s.file.WriteAt(append(w.sums, footer(s.size, w.sums)...), s.size); err != nil {
		return err
	}
	a := s.account
	if a.store.opts.Durability == Relaxed {
		return nil
	}
	if err := s.file.sync(); err != nil {
		return err
	}
	return a.store.fs.syncDir(a.path(bodiesDir))
}

// bodyWriter writes a large body block by block.
type bodyWriter struct {
	file file
	hash hash.Hash
	sums []byte
}

func (w *bodyWriter) copy(src io.Reader, size int64) error {
	block, buf := getBuffer(blockSize)
	defer putBuffer(buf)
	for at := int64(0); at < size; at += blockSize {
		part := block[:min(blockSize, size-at)]
		if _, err := io.ReadFull(src, part); err != nil {
			return unexpected(err)
		}
		w.hash.Write(part) // never fails
		w.sums = binary.LittleEndian.AppendUint32(w.sums, crc32.Checksum(part, castagnoli))
		if _, err := w.file.WriteAt(part, at); err != nil {
			return err
		}
	}
	return nil
}
