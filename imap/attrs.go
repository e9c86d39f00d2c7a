package imap

import "strings"

// AddName adds the mailbox attribute called name, compared without regard to
// case: its bit if it has one, which is how an Encoder wants it, otherwise the name.
func (a *MailboxAttrs) AddName(name string) {
	for bit := Attr(1); bit <= attrBits; bit <<= 1 {
		if strings.EqualFold(bit.String(), name) {
			a.Bits |= bit
			return
		}
	}
	for _, s := range a.Other {
		if strings.EqualFold(s, name) {
			return
		}
	}
	a.Other = append(a.Other, name)
}

// attrBits is the highest bit that an attribute has.
var attrBits = Attr(1) << (len(namesAttr) - 1)
