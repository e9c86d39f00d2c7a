package sqlitestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/bits"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	// ownFile is the size from which on a body has a file of its own.
	ownFile = 64 << 10
	// blockSize is how much of such a file has one checksum.
	blockSize = 64 << 10
	// footerSize is the end of such a file: body, a CRC-32C for each block,
	// and the footer of size, CRC-32C of the checksums, and mark.
	footerSize = 16
	footerMark = 0x31504d49 // "IMP1"
)

var (
	errMoved  = errors.New("the file is gone")
	errSum    = errors.New("wrong checksum")
	errSize   = errors.New("wrong size")
	errClosed = errors.New("the body has been closed")
)

// bodyName is the file name of a body that has one of its own.
func bodyName(number uint64) string { return strconv.FormatUint(number, 16) + ".body" }

// segmentName is the file name of a segment.
func segmentName(n uint64) string { return fmt.Sprintf("%08x.segment", n) }

// bodyPath is the file that has a body.
func (a *account) bodyPath(e *email) string {
	if e.segment == 0 {
		return a.path(bodiesDir, bodyName(e.offset))
	}
	return a.path(segmentsDir, segmentName(e.segment))
}

// body is an open body.
type body interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// openBody opens a body; errMoved if its file does not exist.
func (a *account) openBody(e *email) (body, error) {
	if e.segment == 0 {
		return a.openFileBody(e)
	}
	return a.readBody(e)
}

// memoryBody is a small body, read and verified: whatever happens to its file
// later, it stays as it is.
type memoryBody struct {
	data   []byte
	buf    *[]byte       // from a pool
	refs   *atomic.Int32 // of buf, if others use it as well
	closed atomic.Bool
}

// buffers are for small bodies, by the logarithm of their size.
var buffers [17]sync.Pool

// getBuffer returns n octets; n is at most ownFile.
func getBuffer(n uint64) ([]byte, *[]byte) {
	class := max(bits.Len64(max(n, 1)-1), 9)
	if p, ok := buffers[class].Get().(*[]byte); ok {
		return (*p)[:n], p
	}
	b := make([]byte, 1<<class)
	return b[:n], &b
}

func putBuffer(p *[]byte) { buffers[bits.Len(uint(len(*p)))-1].Put(p) }

// readBody reads a body from its segment.
func (a *account) readBody(e *email) (body, error) {
	if e.size >= ownFile {
		return nil, &damage{file: a.bodyPath(e), what: fmt.Sprintf("body %x", e.id), err: errSize}
	}
	seg, err := a.segments.acquire(a, e.segment)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	data, buf := getBuffer(e.size)
	_, err = seg.file.ReadAt(data, int64(e.offset))
	a.segments.release(seg)
	if errors.Is(err, io.EOF) {
		err = &damage{file: a.bodyPath(e), what: fmt.Sprintf("body %x", e.id), err: errSize}
	} else if err == nil && crc32.Checksum(data, castagnoli) != e.crc {
		err = &damage{file: a.bodyPath(e), what: fmt.Sprintf("body %x", e.id), err: errSum}
	}
	if err != nil {
		putBuffer(buf)
		return nil, err
	}
	return &memoryBody{data: data, buf: buf}, nil
}

// Size is the number of octets.
func (b *memoryBody) Size() int64 { return int64(len(b.data)) }

// ReadAt reads octets.
func (b *memoryBody) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case b.closed.Load():
		return 0, errClosed
	case off < 0:
		return 0, errSize
	case off >= int64(len(b.data)):
		return 0, io.EOF
	}
	n := copy(p, b.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Close gives the memory back; a second call does nothing.
func (b *memoryBody) Close() error {
	switch {
	case b.closed.Swap(true):
	case b.refs != nil:
		releaseAhead(b.refs, b.buf)
	default:
		putBuffer(b.buf)
	}
	return nil
}

// fileBody is a body in a file of its own, verified block by block as it is
// read.
type fileBody struct {
	account *account
	path    string
	file    file
	size    int64
	sums    []byte
	once    sync.Once
}

// openFileBody opens the file and checks its end.
func (a *account) openFileBody(e *email) (body, error) {
	path := a.bodyPath(e)
	f, err := a.store.fs.open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	b := &fileBody{account: a, path: path, file: f, size: int64(e.size)}
	if err := b.readSums(); err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return b, nil
}

// blocks is how many blocks a body has.
func blocks(size int64) int64 { return (size + blockSize - 1) / blockSize }

// readSums reads the checksums behind the body.
func (b *fileBody) readSums() error {
	size, err := b.file.size()
	if err != nil {
		return err
	}
	tail := make([]byte, 4*blocks(b.size)+footerSize)
	if size != b.size+int64(len(tail)) {
		return b.damaged(errSize)
	}
	if _, err := b.file.ReadAt(tail, b.size); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	b.sums = tail[:len(tail)-footerSize]
	if string(tail[len(b.sums):]) != string(footer(b.size, b.sums)) {
		return b.damaged(errSum)
	}
	return nil
}

// footer ends the file of a body.
func footer(size int64, sums []byte) []byte {
	f := binary.LittleEndian.AppendUint64(nil, uint64(size))
	f = binary.LittleEndian.AppendUint32(f, crc32.Checksum(sums, castagnoli))
	return binary.LittleEndian.AppendUint32(f, footerMark)
}

func (b *fileBody) damaged(err error) error {
	return &damage{file: b.path, what: "body", err: err}
}

// Size is the number of octets.
func (b *fileBody) Size() int64 { return b.size }

// ReadAt reads octets of blocks that it has verified.
func (b *fileBody) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errSize
	}
	for n < len(p) {
		at := off + int64(n)
		if at >= b.size {
			return n, io.EOF
		}
		k, err := b.readBlock(p[n:], at)
		n += k
		if err != nil {
			return n, b.account.report("read body", "", err)
		}
	}
	return n, nil
}

// readBlock reads from one block, directly if all of it is wanted.
func (b *fileBody) readBlock(p []byte, at int64) (int, error) {
	i := at / blockSize
	start := i * blockSize
	length := min(blockSize, b.size-start)
	if at == start && int64(len(p)) >= length {
		if err := b.verified(p[:length], i); err != nil {
			return 0, err // who has got enough octets may not look at an error
		}
		return int(length), nil
	}
	block, buf := getBuffer(uint64(length))
	defer putBuffer(buf)
	if err := b.verified(block, i); err != nil {
		return 0, err
	}
	return copy(p, block[at-start:]), nil
}

// verified fills p with block i.
func (b *fileBody) verified(p []byte, i int64) error {
	if n, err := b.file.ReadAt(p, i*blockSize); n < len(p) {
		if errors.Is(err, io.EOF) {
			return b.damaged(errSize)
		}
		return err
	}
	if crc32.Checksum(p, castagnoli) != binary.LittleEndian.Uint32(b.sums[4*i:]) {
		return b.damaged(errSum)
	}
	return nil
}

// Close closes the file; a second call does nothing.
func (b *fileBody) Close() error {
	var err error
	b.once.Do(func() { err = b.file.Close() })
	if err != nil {
		return b.account.report("close body", "", err)
	}
	return nil
}
