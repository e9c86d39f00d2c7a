package session

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
	mime "github.com/imapsrv/imapsrv/imap/message"
)

// searchCompiler turns the keys of one SEARCH command into tests.
type searchCompiler struct {
	// text decodes a string of the command, which is in its CHARSET.
	text func(string) (string, error)
	// set resolves a set of the command in the session's view.
	set func(set imap.SequenceSet, uid bool) (imap.UIDSet, error)

	keys int // so far
}

// maxSearchKeys bounds the keys of a command: each may be asked about each message.
const maxSearchKeys = 2000

// and makes the test of a list of keys.
func (s *searchCompiler) and(keys []imap.SearchKey) (*searchTest, error) {
	kids := make([]*searchTest, len(keys))
	for i, k := range keys {
		kid, err := s.key(k)
		if err != nil {
			return nil, err
		}
		kids[i] = kid
	}
	if len(kids) == 1 {
		return kids[0], nil
	}
	return combine(opAnd, kids...), nil
}

// key makes the test of one key. Its cases are the search keys of
// RFC 3501 §6.4.4 and RFC 9051 §6.4.4.
func (s *searchCompiler) key(key imap.SearchKey) (*searchTest, error) {
	if s.keys++; s.keys > maxSearchKeys {
		return nil, no(imap.CodeLimit, "Too many search keys")
	}
	switch k := key.(type) {
	case imap.SearchWord:
		return wordTest(k)
	case *imap.SearchAnd:
		return s.and(k.Keys)
	case *imap.SearchOr:
		return s.or(k)
	case *imap.SearchNot:
		kid, err := s.key(k.Key)
		if err != nil {
			return nil, err
		}
		return combine(opNot, kid), nil
	case *imap.SearchSet:
		return s.among(k)
	case *imap.SearchKeyword:
		return keywordTest(k), nil
	case *imap.SearchSize:
		return sizeTest(k), nil
	case *imap.SearchDate:
		return dateTest(k), nil
	case *imap.SearchText:
		return s.content(k)
	case *imap.SearchHeader:
		return s.header(k)
	}
	return nil, bad("unknown search key")
}

func (s *searchCompiler) or(k *imap.SearchOr) (*searchTest, error) {
	a, err := s.key(k.A)
	if err != nil {
		return nil, err
	}
	b, err := s.key(k.B)
	if err != nil {
		return nil, err
	}
	return combine(opOr, a, b), nil
}

// flagWords are the keys about one flag, and what it must be.
var flagWords = map[imap.SearchWord]struct {
	flag imap.Flag
	set  bool
}{
	imap.SearchAnswered:   {imap.FlagAnswered, true},
	imap.SearchUnanswered: {imap.FlagAnswered, false},
	imap.SearchDeleted:    {imap.FlagDeleted, true},
	imap.SearchUndeleted:  {imap.FlagDeleted, false},
	imap.SearchDraft:      {imap.FlagDraft, true},
	imap.SearchUndraft:    {imap.FlagDraft, false},
	imap.SearchFlagged:    {imap.FlagFlagged, true},
	imap.SearchUnflagged:  {imap.FlagFlagged, false},
	imap.SearchSeen:       {imap.FlagSeen, true},
	imap.SearchUnseen:     {imap.FlagSeen, false},
}

func wordTest(word imap.SearchWord) (*searchTest, error) {
	if f, ok := flagWords[word]; ok {
		return leaf(costVector, func(c *candidate) bool { return c.Flags.Set.Has(f.flag) == f.set }), nil
	}
	switch word {
	case imap.SearchAll:
		return leaf(costVector, func(*candidate) bool { return true }), nil
	case imap.SearchRecent:
		return leaf(costVector, func(c *candidate) bool { return c.Recent }), nil
	case imap.SearchOld:
		return leaf(costVector, func(c *candidate) bool { return !c.Recent }), nil
	case imap.SearchNew:
		return leaf(costVector, func(c *candidate) bool { return c.Recent && !c.Flags.Set.Has(imap.FlagSeen) }), nil
	}
	return nil, bad("unknown search key")
}

func keywordTest(k *imap.SearchKeyword) *searchTest {
	return leaf(costVector, func(c *candidate) bool { return c.Flags.Set.HasName(k.Keyword) != k.Not })
}

func sizeTest(k *imap.SearchSize) *searchTest {
	return leaf(costMetadata, func(c *candidate) bool {
		if k.Op == imap.SearchSizeKeyLarger {
			return uint64(c.store.Size) > k.Size
		}
		return uint64(c.store.Size) < k.Size
	})
}

func (s *searchCompiler) among(k *imap.SearchSet) (*searchTest, error) {
	uids, err := s.set(k.Set, k.UID)
	if err != nil {
		return nil, err
	}
	return leaf(costVector, func(c *candidate) bool { return inUIDs(uids, c.UID) }), nil
}

// inUIDs reports whether a normalized set, which may be long, holds a UID.
func inUIDs(set imap.UIDSet, uid imap.UID) bool {
	i, found := slices.BinarySearchFunc(set, uid, func(r imap.UIDRange, uid imap.UID) int { return cmp.Compare(r.Stop, uid) })
	return found || i < len(set) && set[i].Start <= uid
}

// dateTest compares dates without time and zone: the INTERNALDATE in the zone
// it was given in, or the Date header field as it is written.
func dateTest(k *imap.SearchDate) *searchTest {
	want := dayNumber(k.Date.Year, k.Date.Month, k.Date.Day)
	compare, sent := dateOp(k.Op)
	if sent {
		return leaf(costSummary, func(c *candidate) bool {
			d, ok := c.sentDate()
			return ok && compare(dayNumber(d.Year, d.Month, d.Day), want)
		})
	}
	return leaf(costMetadata, func(c *candidate) bool {
		d := c.store.InternalDate
		return compare(dayNumber(d.Year, d.Month, d.Day), want)
	})
}

// dayNumber orders dates.
func dayNumber(year uint16, month, day uint8) int {
	return int(year)<<16 | int(month)<<8 | int(day)
}

func dateOp(op imap.SearchDateKey) (compare func(got, want int) bool, sent bool) {
	switch op {
	case imap.SearchDateKeyBefore, imap.SearchDateKeySentBefore:
		compare = func(got, want int) bool { return got < want }
	case imap.SearchDateKeyOn, imap.SearchDateKeySentOn:
		compare = func(got, want int) bool { return got == want }
	default:
		compare = func(got, want int) bool { return got >= want }
	}
	return compare, op == imap.SearchDateKeySentBefore || op == imap.SearchDateKeySentOn || op == imap.SearchDateKeySentSince
}

// content makes the test of BODY, TEXT and the keys about ENVELOPE fields.
func (s *searchCompiler) content(k *imap.SearchText) (*searchTest, error) {
	value, err := s.text(k.Value)
	if err != nil {
		return nil, err
	}
	cost := costSummary
	if k.Field == imap.SearchTextKeyBody || k.Field == imap.SearchTextKeyText {
		cost = costBody
	}
	needle := mime.NewNeedle(value)
	return mailTest(cost,
		func(c *candidate) (bool, bool) { return c.mail.Matches(k.Field, needle) },
		func(c *candidate) (bool, error) { return c.mail.Contains(k.Field, needle) }), nil
}

func (s *searchCompiler) header(k *imap.SearchHeader) (*searchTest, error) {
	value, err := s.text(k.Value)
	if err != nil {
		return nil, err
	}
	field := strings.TrimSuffix(k.Field, ":")
	needle := mime.NewNeedle(value)
	return mailTest(costSummary,
		func(c *candidate) (bool, bool) { return c.mail.MatchesHeader(field, needle) },
		func(c *candidate) (bool, error) { return c.mail.ContainsHeader(field, needle) }), nil
}
