package session

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/imapsrv/imapsrv/imap"
	mime "github.com/imapsrv/imapsrv/imap/message"
)

// A listing is what a message list is made of, ENVELOPE and BODYSTRUCTURE, as the encoder writes them. A store keeps it
// beside the summary, which says the same and more, so that FETCH need not decode and encode what millions of
// responses say alike. It is four texts: both items as a client gets them that has not enabled IMAP4rev2, and both as
// one that has; of these an empty one is the same as the first.

// listingVersion changes when the encoder writes an item in another way. TestListingVersion notices.
const listingVersion = 1

// maxListing is how long a listing may be. What is longer is made when it is asked for.
const maxListing = 8 << 10

// listedItems are the items of a listing, in their order.
var listedItems = [...]struct {
	kind imap.FetchAttKind
	fill func(d *imap.FetchData, m *mime.Message, o mime.StructureOptions)
}{
	{imap.FetchAttEnvelope, setEnvelope},
	{imap.FetchAttBodyStructure, setBodyStructure},
}

// makeListing returns the listing of a message; nil if there is none.
func makeListing(m *mime.Message) []byte {
	g := gatherings.Get().(*gathering)
	defer gatherings.Put(g)
	texts := make([][]byte, 0, 2*len(listedItems))
	size := 0
	for _, rev2 := range []bool{false, true} {
		for i, item := range listedItems {
			var d imap.FetchData
			item.fill(&d, m, structureOptions(rev2))
			text := g.item(&d, rev2)
			if text == nil {
				return nil
			}
			if rev2 && bytes.Equal(text, texts[i]) {
				text = nil
			}
			size += binary.MaxVarintLen16 + len(text)
			texts = append(texts, text)
		}
	}
	if size > maxListing {
		return nil
	}
	listing := make([]byte, 0, size)
	for _, text := range texts {
		listing = binary.AppendUvarint(listing, uint64(len(text)))
		listing = append(listing, text...)
	}
	return listing
}

// item returns what a FETCH response with one item has between its parentheses; nil if it cannot be said, or is
// streamed.
func (g *gathering) item(d *imap.FetchData, rev2 bool) []byte {
	d.Seq = 1
	g.enc.Rev2 = rev2
	response, err := g.enc.AppendResponse(g.buf[:0], d)
	if err != nil || len(g.enc.Breaks()) > 0 {
		return nil
	}
	_, text, _ := bytes.Cut(response, []byte("("))
	return slices.Clone(text[:bytes.LastIndexByte(text, ')')])
}

// appendListed appends the items of a listing that a plan asks for, with spaces between them: for a client that has
// enabled IMAP4rev2, and for one to which strings may be UTF-8. It returns nil if the listing does not say them.
func appendListed(dst, listing []byte, plan *fetchPlan, rev2, utf8 bool) []byte {
	var texts [2 * len(listedItems)][]byte
	for i := range texts {
		n, k := binary.Uvarint(listing)
		if k <= 0 || n > uint64(len(listing)-k) {
			return nil
		}
		texts[i], listing = listing[k:k+int(n)], listing[k+int(n):]
	}
	start := len(dst)
	for i, item := range listedItems {
		if !plan.has(item.kind) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		text, other := texts[i], texts[len(listedItems)+i]
		if len(other) > 0 && rev2 != utf8 {
			return nil
		}
		if len(other) > 0 && rev2 {
			text = other
		}
		dst = append(dst, text...)
	}
	return dst
}
