package message

import "io"

// source gives the octets of a content piece by piece.
type source interface {
	// next returns a piece, which is valid until the next call, or io.EOF.
	next() ([]byte, error)
}

// source returns what the content is read from, from its start.
func (c *Content) source() source {
	if c.fields != nil {
		return newFieldFilter(c.octets, c.within, c.fields)
	}
	return newDecodedSource(c.octets, c.within, c.encoding, c.text)
}

// plainReader reads octets that are stored as they are.
type plainReader struct{ *io.SectionReader }

// WriteTo implements io.WriterTo.
func (r plainReader) WriteTo(w io.Writer) (int64, error) {
	buffer := make([]byte, min(r.Size()+1, window))
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r.SectionReader}, buffer)
}

// contentReader reads a part of a content that is not stored as it is.
type contentReader struct {
	content *Content
	source  source // nil before the first octet and behind the last
	skip    int64  // before the first octet that is wanted
	left    int64
	piece   []byte // read but not given yet
}

// Read implements io.Reader.
func (r *contentReader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if err := r.fill(); err != nil {
		return 0, err
	}
	n := copy(b, r.piece)
	r.piece = r.piece[n:]
	r.left -= int64(n)
	return n, nil
}

// fill makes piece not empty. A content that has become shorter than it was is
// io.ErrUnexpectedEOF.
func (r *contentReader) fill() error {
	for len(r.piece) == 0 {
		if r.left == 0 {
			r.source, r.piece = nil, nil
			return io.EOF
		}
		if r.source == nil {
			r.source = r.content.source()
		}
		piece, err := r.source.next()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		skipped := min(r.skip, int64(len(piece)))
		r.skip -= skipped
		piece = piece[skipped:]
		r.piece = piece[:min(r.left, int64(len(piece)))]
	}
	return nil
}

// WriteTo implements io.WriterTo.
func (r *contentReader) WriteTo(w io.Writer) (written int64, err error) {
	for {
		if err := r.fill(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return written, err
		}
		n, err := w.Write(r.piece)
		written += int64(n)
		r.left -= int64(n)
		r.piece = r.piece[n:]
		if err != nil {
			return written, err
		}
	}
}

// decodedSource gives the octets of a part with its transfer encoding undone.
type decodedSource struct {
	r     *io.SectionReader
	steps []decoder
	raw   []byte
	out   [2][]byte
	done  bool
}

// newDecodedSource returns a source of the octets in within. An encoding that is not
// known is left alone. Text gets CRLF line ends if crlf is set.
func newDecodedSource(octets io.ReaderAt, within Range, encoding string, crlf bool) *decodedSource {
	s := &decodedSource{
		r:   io.NewSectionReader(octets, within.Start, within.Len()),
		raw: make([]byte, min(max(within.Len(), 1), window/2)),
	}
	if d, _ := transferDecoder(encoding); d != nil {
		s.steps = append(s.steps, d)
	}
	if crlf {
		s.steps = append(s.steps, &crlfDecoder{})
	}
	return s
}

func (s *decodedSource) next() ([]byte, error) {
	for !s.done {
		n, err := s.r.Read(s.raw)
		if err != nil && err != io.EOF {
			return nil, err
		}
		piece := s.raw[:n]
		s.done = err == io.EOF
		for i, d := range s.steps {
			out := s.out[i][:0]
			if len(piece) > 0 {
				out = d.decode(out, piece)
			}
			if s.done {
				out = d.decode(out, nil)
			}
			s.out[i] = out
			piece = out
		}
		if len(piece) > 0 {
			return piece, nil
		}
	}
	return nil, io.EOF
}
