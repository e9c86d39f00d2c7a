package session

import (
	"io"

	mime "github.com/imapsrv/imapsrv/imap/message"
	"github.com/imapsrv/imapsrv/store"
)

// Summarizer is what a store should be opened with: it makes the summaries from
// which a session answers ENVELOPE and BODYSTRUCTURE without reading messages.
// A store without it works, and reads each message that is asked about.
func Summarizer() store.Summarizer {
	return store.Summarizer{Version: listingVersion<<16 | mime.SummaryVersion, Summarize: summarize}
}

// summarize returns the summary and the listing of a stored message.
func summarize(r io.ReaderAt, size int64) (summary, listing []byte, err error) {
	m, err := mime.Parse(r, size)
	if err != nil {
		return nil, nil, err
	}
	if summary, err = m.MarshalBinary(); err != nil {
		return nil, nil, err
	}
	return summary, makeListing(m), nil
}
