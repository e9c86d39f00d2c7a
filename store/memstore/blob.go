package memstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/imapsrv/imapsrv/store"
)

const (
	// memoryBody is the largest body that is kept in memory.
	memoryBody = 64 << 10
	// sharedBody is the largest body that shares a temporary file with
	// others, which saves descriptors. A larger one has a file of its own,
	// so that its space is free as soon as it is gone.
	sharedBody = 4 << 20
	// segmentSize is how much a shared file takes. One small body that
	// stays keeps so much of the disk at worst.
	segmentSize = 16 << 20
	// copyBuffer is what staging a large body holds of it.
	copyBuffer = 64 << 10
)

// blob is a body with its summary, immutable. Whoever refers to it keeps it:
// the memory and the file go when the last reference is gone.
type blob struct {
	io.ReaderAt
	size    int64
	summary []byte
	listing []byte
}

// Size is the number of octets.
func (b *blob) Size() int64 { return b.size }

// Close does nothing: giving up the reference is enough.
func (b *blob) Close() error { return nil }

// equal tells whether the octets of two bodies are the same. What cannot be
// read is not.
func (b *blob) equal(other *blob) bool {
	if b == other {
		return true
	}
	if b.size != other.size {
		return false
	}
	var x, y [copyBuffer / 2]byte
	for at := int64(0); at < b.size; {
		n := int(min(int64(len(x)), b.size-at))
		for _, r := range []struct {
			from io.ReaderAt
			to   []byte
		}{{b, x[:n]}, {other, y[:n]}} {
			if read, _ := r.from.ReadAt(r.to, at); read < n {
				return false
			}
		}
		if !bytes.Equal(x[:n], y[:n]) {
			return false
		}
		at += int64(n)
	}
	return true
}

// staged is a blob that belongs to an account.
type staged struct {
	*blob
	account *account
}

// bodyStore puts large bodies into temporary files.
type bodyStore struct {
	dir     string
	mu      sync.Mutex
	current *segment
	used    int64 // octets of current
}

// segment is a temporary file without a name.
type segment struct{ file *os.File }

// newSegment makes a segment that is closed when nothing refers to it.
func newSegment(dir string) (*segment, error) {
	f, err := os.CreateTemp(dir, "imapsrv-body-*")
	if err != nil {
		return nil, err
	}
	removed := os.Remove(f.Name()) == nil
	s := &segment{file: f}
	runtime.AddCleanup(s, func(f *os.File) {
		// Nobody is left to be told of an error: the space is lost at worst.
		_ = f.Close()
		if !removed { // Windows removes no open file
			_ = os.Remove(f.Name())
		}
	}, f)
	return s, nil
}

// extent is a part of a segment, and keeps it open.
type extent struct {
	segment *segment
	offset  int64
	size    int64
}

// ReadAt reads within the extent.
func (e *extent) ReadAt(p []byte, off int64) (int, error) {
	n, err := io.NewSectionReader(e.segment.file, e.offset, e.size).ReadAt(p, off)
	runtime.KeepAlive(e.segment)
	return n, err
}

// reserve finds room for a body.
func (s *bodyStore) reserve(size int64) (*extent, error) {
	if size > sharedBody {
		seg, err := newSegment(s.dir)
		return &extent{segment: seg, size: size}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil || s.used+size > segmentSize {
		seg, err := newSegment(s.dir)
		if err != nil {
			return nil, err
		}
		s.current, s.used = seg, 0
	}
	e := &extent{segment: s.current, offset: s.used, size: size}
	s.used += size
	return e, nil
}

// put stores size octets of src.
func (s *bodyStore) put(src io.Reader, size int64) (io.ReaderAt, error) {
	if size <= memoryBody {
		b := make([]byte, size)
		if _, err := io.ReadFull(src, b); err != nil {
			return nil, unexpected(err)
		}
		return bytes.NewReader(b), nil
	}
	e, err := s.reserve(size)
	if err != nil {
		return nil, err
	}
	w := io.NewOffsetWriter(e.segment.file, e.offset)
	n, err := io.CopyBuffer(w, io.LimitReader(src, size), make([]byte, copyBuffer))
	runtime.KeepAlive(e.segment)
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return e, err
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

var (
	errNegativeSize = errors.New("negative size")
	errMessageSize  = errors.New("message too large")
)

// Stage takes over a body.
func (h *handle) Stage(ctx context.Context, src io.Reader, size int64) (store.Staged, error) {
	const op = "stage"
	if err := h.checkSize(ctx, op, size); err != nil {
		return nil, err
	}
	at, err := h.store.bodies.put(contextReader{ctx, src}, size)
	if err != nil {
		return nil, fail(op, "", store.Unavailable, err)
	}
	b := &blob{ReaderAt: at, size: size}
	if s := h.store.opts.Summarizer; s.Summarize != nil {
		// A message without a summary is a message all the same.
		if b.summary, b.listing, err = s.Summarize(at, size); err != nil {
			b.summary, b.listing = nil, nil
		}
	}
	return &staged{blob: b, account: h.account}, nil
}

// checkSize says no to what need not be read at all.
func (h *handle) checkSize(ctx context.Context, op string, size int64) error {
	switch {
	case size < 0:
		return fail(op, "", store.Cannot, errNegativeSize)
	case size > h.store.opts.Limits.MessageSize:
		return fail(op, "", store.TooBig, errMessageSize)
	}
	return h.read(ctx, op, func() error { return h.room(op, 1, uint64(size)) })
}
