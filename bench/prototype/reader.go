package prototype

import (
	"bytes"
	"errors"
	"io"
)

var ErrTooLong = errors.New("imap: line or literal over the limit")

// Reader frames one command or response: the line plus every literal it announces.
type Reader struct {
	R                io.Reader
	MaxLine, MaxSize int
	Cont             func(n uint64) error // sends "+ OK" for a synchronizing literal; nil on the client
	buf              []byte
	s, e             int
}

// Next returns a frame with padN spare bytes behind it, so that Decode never copies.
func (r *Reader) Next() ([]byte, error) {
	from := r.s // where the search for LF goes on
	for {
		j := bytes.IndexByte(r.buf[from:r.e], '\n')
		if j < 0 {
			if r.e-from > r.MaxLine {
				return nil, ErrTooLong
			}
			off := r.e - r.s
			if err := r.fill(1); err != nil {
				return nil, err
			}
			from = r.s + off
			continue
		}
		end := from + j + 1
		if end-r.s < 3 || r.buf[end-3] != '}' || text(r.buf[r.s:end]) {
			f := r.buf[r.s:end]
			r.s = end
			return f, nil
		}
		n, k, ok := litHeader(r.buf[r.s:end])
		if !ok {
			f := r.buf[r.s:end]
			r.s = end
			return f, nil
		} // the decoder reports it
		if uint64(end-r.s)+n > uint64(r.MaxSize) {
			return nil, ErrTooLong
		}
		if r.Cont != nil && k != '+' {
			if err := r.Cont(n); err != nil {
				return nil, err
			}
		}
		off := end - r.s + int(n)
		for r.e-r.s < off {
			if err := r.fill(off - (r.e - r.s)); err != nil {
				return nil, err
			}
		}
		from = r.s + off
	}
}

// text: status lines end in free text, where "{5}" announces nothing.
func text(b []byte) bool {
	if len(b) > 4 && b[0] == '*' {
		switch b[2] | 0x20 {
		case 'o', 'n', 'b', 'p':
			return b[2]|0x20 != 'n' || b[3]|0x20 == 'o'
		}
	}
	return b[0] == '+'
}
func litHeader(b []byte) (n uint64, k byte, ok bool) {
	i := len(b) - 4
	if i >= 0 && (b[i] == '+' || b[i] == '-') {
		k = b[i]
		i--
	}
	m := uint64(1)
	for ; i >= 0 && class[b[i]]&cDigit != 0 && m < 1e18; i-- {
		n += uint64(b[i]-'0') * m
		m *= 10
	}
	return n, k, i >= 0 && b[i] == '{' && m > 1
}
func (r *Reader) fill(need int) error {
	if cap(r.buf)-r.e < need+padN || cap(r.buf) == 0 {
		nb := r.buf[:0]
		if len(r.buf) == 0 || r.e-r.s+need+padN > len(r.buf) {
			nb = make([]byte, max(65536, 2*(r.e-r.s+need+padN)))
		} else {
			nb = r.buf
		}
		copy(nb, r.buf[r.s:r.e])
		r.buf, r.e, r.s = nb, r.e-r.s, 0
	}
	n, err := r.R.Read(r.buf[r.e : len(r.buf)-padN])
	r.e += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}
