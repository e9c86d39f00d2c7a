package wire

import (
	"io"
	"sync"
)

// Sizes of buffers, slack included.
const (
	smallBuffer = 4 << 10
	largeBuffer = 64 << 10
	// minRead is the free space below which a buffer is rearranged before a read.
	minRead = 512
)

var (
	smallBuffers = sync.Pool{New: func() any { return new([smallBuffer]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}
)

// newBuffer returns a buffer of at least n octets.
func newBuffer(n int) []byte {
	switch {
	case n <= smallBuffer:
		return smallBuffers.Get().(*[smallBuffer]byte)[:]
	case n <= largeBuffer:
		return largeBuffers.Get().(*[largeBuffer]byte)[:]
	}
	return make([]byte, n)
}

// freeBuffer gives a buffer back. It is cleared: the next connection is not to
// see what this one said.
func freeBuffer(b []byte) {
	switch len(b) {
	case smallBuffer:
		clear(b)
		smallBuffers.Put((*[smallBuffer]byte)(b))
	case largeBuffer:
		clear(b)
		largeBuffers.Put((*[largeBuffer]byte)(b))
	}
}

// space counts the octets that can be read into the buffer.
func (r *Reader) space() int { return len(r.buf) - Slack - r.e }

// fill reads once, at least one octet, behind what is buffered.
func (r *Reader) fill() error {
	r.makeRoom()
	return r.read()
}

// read reads into the free space.
func (r *Reader) read() error {
	space := r.space()
	for range 100 {
		n, err := r.src.Read(r.buf[r.e : r.e+space])
		if n > 0 {
			// An error that came along will come again.
			r.e += n
			r.bulk = n == space
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// makeRoom sees to enough free space for a read to be worth it. What is buffered moves to the
// front when it is short, and to a larger buffer when it is long, so that
// moving costs less than reading did.
func (r *Reader) makeRoom() {
	live := r.e - r.s
	want := len(r.buf)
	switch {
	case r.buf == nil:
		want = smallBuffer
	case live == 0 && r.bulk && want < largeBuffer:
		want = largeBuffer
	case want > largeBuffer && live < largeBuffer/2 && r.u.scan < largeBuffer/2:
		want = largeBuffer
	case live == 0:
		r.move(r.buf)
		return
	case r.space() >= minRead:
		return
	case live > want/2:
		want = max(2*want, largeBuffer)
	}
	if want == len(r.buf) {
		r.move(r.buf)
		return
	}
	r.resize(want)
}

// resize goes on in another buffer.
func (r *Reader) resize(n int) {
	old := r.buf
	r.move(newBuffer(n))
	if old != nil {
		freeBuffer(old)
	}
}

// move puts what is buffered at the front of a buffer, which may be the same.
func (r *Reader) move(to []byte) {
	n := copy(to, r.buf[r.s:r.e])
	r.base += int64(r.s)
	r.buf, r.s, r.e = to, 0, n
}

// Release gives the buffer back to a pool where nothing is buffered, and
// reports whether that was so. It is acquired again on demand. The last frame
// is no longer valid.
func (r *Reader) Release() bool {
	if r.e > r.s || r.lit != nil {
		return false
	}
	if r.buf != nil {
		r.base += int64(r.s)
		freeBuffer(r.buf)
	}
	r.buf, r.s, r.e, r.bulk = nil, 0, 0, false
	return true
}

// Wait returns when something is buffered, or with the stream's error. It holds
// no buffer while it waits, which makes it cheap to be idle. The last frame is no
// longer valid.
func (r *Reader) Wait() error {
	if r.fault != nil {
		return r.fault
	}
	if !r.Release() {
		return nil
	}
	for range 100 {
		n, err := r.src.Read(r.first[:])
		if n > 0 {
			r.buf = newBuffer(smallBuffer)
			r.e = copy(r.buf, r.first[:])
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// Buffered counts the octets that have been read from the stream and are not
// part of a frame yet.
func (r *Reader) Buffered() int { return r.e - r.s }

// Peek returns the octets that Buffered counts. They are the reader's.
func (r *Reader) Peek() []byte { return r.buf[r.s:r.e:r.e] }

// Discard drops what is buffered, and the unit it belongs to, and returns how many octets
// that were. It is due before a stream changes its meaning (STARTTLS, RFC 9051 §6.2.1).
func (r *Reader) Discard() int {
	n := r.e - r.s
	r.s = r.e
	r.forget()
	return n
}

// Reset goes on with another stream and drops what is buffered.
func (r *Reader) Reset(src io.Reader) {
	r.Discard()
	r.src, r.fault = src, nil
	r.base = -int64(r.s)
}
