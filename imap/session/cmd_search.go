package session

import (
	"context"
	"errors"

	"github.com/imapsrv/imapsrv/imap"
)

// errBadCharset is the answer to a CHARSET that is not supported; there are more
// than the two that every server must have.
var errBadCharset = no(&imap.CodeBadCharset{Charsets: []string{"US-ASCII", "UTF-8"}}, "CHARSET is not supported")

// Search is SEARCH and UID SEARCH (RFC 9051 §6.4.4).
func (s *session) Search(ctx context.Context, tag string, cmd *imap.Search) error {
	if cmd.Return != nil && len(cmd.Return.Unknown) > 0 {
		return bad("Unknown result option %s", cmd.Return.Unknown[0].Name)
	}
	save := searchOptions(cmd)&imap.SearchReturnHasSave != 0
	hits, err := s.search(ctx, cmd)
	if err != nil {
		var st *status
		if save && (!errors.As(err, &st) || st.kind == imap.StatusNO) {
			s.saved = nil
		}
		return err
	}
	if save {
		s.saved = hits.saved(searchOptions(cmd))
	}
	if r := hits.response(cmd, tag, s.rev2); r != nil {
		return s.out.response(r)
	}
	return nil
}

// search finds the messages that match the keys of a command.
func (s *session) search(ctx context.Context, cmd *imap.Search) (*searchHits, error) {
	text, err := searchText(cmd.Charset)
	if err != nil {
		return nil, err
	}
	compiler := searchCompiler{text: text, set: s.resolveSet}
	test, err := compiler.and(cmd.Keys)
	if err != nil {
		return nil, err
	}
	run := s.newSearchRun(ctx, test)
	if err := run.run(); err != nil {
		return nil, err
	}
	return &run.hits, nil
}
