package wire

// Rest appends what Dec.Rest returned.
func (e *Enc) Rest(dst []byte, r Raw) []byte { return e.Raw(dst, r) }

// Raw appends text kept verbatim. Literals in it are announced as the peer
// understands them. Text that would not stay within one unit is an error.
func (e *Enc) Raw(dst []byte, r Raw) []byte { return e.raw(dst, string(r)) }

func (e *Enc) raw(dst []byte, r string) []byte { return append(dst, r...) }
