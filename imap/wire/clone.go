package wire

import (
	"bytes"
	"slices"
	"strings"
)

// Clone returns a copy that shares no memory with s.
func (s NString) Clone() NString { return NString{Value: strings.Clone(s.Value), Valid: s.Valid} }

// Clone returns a copy that shares no memory with r.
func (r Raw) Clone() Raw { return Raw(strings.Clone(string(r))) }

// Clone returns a copy that shares no memory with s.
func (s Secret) Clone() Secret { return Secret(strings.Clone(string(s))) }

// Clone returns a copy that shares no memory with s.
func (s SecretBytes) Clone() SecretBytes { return bytes.Clone(s) }

// Clone returns a copy that shares no memory with l; a stream is the same stream.
func (l Literal) Clone() Literal {
	l.Data = strings.Clone(l.Data)
	return l
}

// Clone returns a copy that shares no memory with s.
func (s SequenceSet) Clone() SequenceSet {
	s.Ranges = slices.Clone(s.Ranges)
	return s
}

// Clone returns a copy that shares no memory with s.
func (s UIDSet) Clone() UIDSet { return slices.Clone(s) }

// CloneStrings returns a copy that shares no memory with list, nor with its strings.
func CloneStrings(list []string) []string {
	list = slices.Clone(list)
	for i, s := range list {
		list[i] = strings.Clone(s)
	}
	return list
}
