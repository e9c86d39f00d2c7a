package prototype

type Command interface{ isCommand() }

type Fetch struct {
	UID   bool
	Set   []SeqRange
	Macro FetchMacro
	Atts  []FetchAtt
}
type FetchMacro uint8

const (
	MacroNone FetchMacro = iota
	MacroAll
	MacroFull
	MacroFast
)

type FetchAttKind uint8

const (
	AttEnvelope FetchAttKind = iota
	AttFlags
	AttInternalDate
	AttRFC822Size
	AttUID
	AttBody
	AttBodyStructure
	AttBodySection
	AttBinary
	AttBinarySize
	AttModSeq
	AttRFC822
	AttRFC822Header
	AttRFC822Text
	AttPreview
	AttEmailID
	AttThreadID
	AttSaveDate
)

type SectionText uint8

const (
	SecNone SectionText = iota
	SecHeader
	SecHeaderFields
	SecHeaderFieldsNot
	SecText
	SecMIME
)

type Section struct {
	Part   []uint32
	Text   SectionText
	Fields []Str
}
type Partial struct {
	Offset, Count uint64
	Ok            bool
}
type FetchAtt struct {
	Kind    FetchAttKind
	Peek    bool
	Section Section
	Partial Partial
}
type Store struct {
	UID, Silent bool
	Op          byte
	Set         []SeqRange
	Flags       Flags
}
type Login struct{ User, Pass Str }
type List struct {
	Select, Return uint16
	Ref            Str
	Patterns       []Str
}
type Search struct {
	UID     bool
	Ext     bool
	Return  uint8
	Charset Str
	Keys    []SearchKey
}

const (
	RetMin = 1 << iota
	RetMax
	RetAll
	RetCount
	RetSave
)
const (
	ListSubscribed = 1 << iota
	ListRemote
	ListRecursive
	ListChildren
	ListSpecialUse
)

func (*Fetch) isCommand()  {}
func (*Store) isCommand()  {}
func (*Login) isCommand()  {}
func (*List) isCommand()   {}
func (*Search) isCommand() {}

type SearchKey interface{ isSearchKey() }
type SearchWord uint8

const (
	KeyAll SearchWord = iota
	KeyAnswered
	KeyDeleted
	KeyDraft
	KeyFlagged
	KeySeen
	KeyUnanswered
	KeyUndeleted
	KeyUndraft
	KeyUnflagged
	KeyUnseen
	KeyNew
	KeyOld
	KeyRecent
)

type SearchField uint8

const (
	InBcc SearchField = iota
	InBody
	InCc
	InFrom
	InSubject
	InText
	InTo
	InKeyword
	InUnkeyword
)

type DateOp uint8

const (
	OpBefore DateOp = iota
	OpOn
	OpSince
	OpSentBefore
	OpSentOn
	OpSentSince
)

type SearchText struct {
	Field SearchField
	Value Str
}
type SearchHeader struct{ Name, Value Str }
type SearchDate struct {
	Op   DateOp
	Date Date
}
type SearchSize struct {
	Larger bool
	N      uint64
}
type SearchSet struct {
	UID bool
	Set []SeqRange
}
type SearchNot struct{ Key SearchKey }
type SearchOr struct{ A, B SearchKey }
type SearchAnd struct{ Keys []SearchKey }

func (SearchWord) isSearchKey()    {}
func (*SearchText) isSearchKey()   {}
func (*SearchHeader) isSearchKey() {}
func (*SearchDate) isSearchKey()   {}
func (*SearchSize) isSearchKey()   {}
func (*SearchSet) isSearchKey()    {}
func (*SearchNot) isSearchKey()    {}
func (*SearchOr) isSearchKey()     {}
func (*SearchAnd) isSearchKey()    {}

// Command decodes one complete command, CRLF included.
func (d *Dec) Command(line []byte) (tag Str, cmd Command, err error) {
	b, ok := d.prep(line)
	if !ok {
		return tag, nil, ErrPadding
	}
	i := 0
	for class[b[i]]&cTag != 0 {
		i++
	}
	if i == 0 || b[i] != ' ' {
		d.fail(i, rTag)
		return tag, nil, d.mkErr()
	}
	tag = mk(b[:i:i])
	i++
	cmd, i = d.command(b, i)
	if i < 0 {
		return tag, nil, d.mkErr()
	}
	if i != d.end {
		d.fail(i, rCRLF)
		return tag, nil, d.mkErr()
	}
	return tag, cmd, nil
}
func (d *Dec) command(b []byte, i int) (Command, int) {
	uid := false
	if (le64(b, i)|0x202020)&0xffffffff == 0x20646975 {
		uid = true
		i += 4
	}
	switch b[i] | 0x20 {
	case 'f':
		if (le64(b, i)|0x2020202020)&0xffffffffffff == 0x206863746566 {
			d.fetch.UID = uid
			return &d.fetch, d.fetchCmd(b, i+6, &d.fetch)
		}
	case 's':
		if (le64(b, i)|0x2020202020)&0xffffffffffff == 0x2065726f7473 {
			d.store.UID = uid
			return &d.store, d.storeCmd(b, i+6, &d.store)
		}
		if (le64(b, i)|0x202020202020)&0xffffffffffffff == 0x20686372616573 {
			d.search.UID = uid
			return &d.search, d.searchCmd(b, i+7, &d.search)
		}
	case 'l':
		if uid {
			break
		}
		if (le64(b, i)|0x2020202020)&0xffffffffffff == 0x206e69676f6c {
			i += 6
			if d.login.User, i = d.astring(b, i); i < 0 {
				return nil, i
			}
			if b[i] != ' ' {
				return nil, d.fail(i, rCommand)
			}
			d.login.Pass, i = d.astring(b, i+1)
			return &d.login, i
		}
		if (le64(b, i)|0x20202020)&0xffffffffff == 0x207473696c {
			return &d.list, d.listCmd(b, i+5, &d.list)
		}
	}
	return nil, d.fail(i, rCommand)
}
func (d *Dec) fetchCmd(b []byte, i int, c *Fetch) int {
	c.Macro = MacroNone
	c.Atts = nil
	if c.Set, i = d.seqSet(b, i); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rFetchAtt)
	}
	i++
	k := len(d.atts)
	if b[i] == '(' {
		for {
			if i = d.fetchAtt(b, i+1); i < 0 {
				return i
			}
			if b[i] != ' ' {
				break
			}
		}
		if b[i] != ')' {
			return d.fail(i, rFetchAtt)
		}
		i++
	} else {
		if b[i]|0x20 == 'a' && ((le64(b, i)|0x202020)&0xffffff == 0x6c6c61) {
			c.Macro = MacroAll
			return i + 3
		}
		if b[i]|0x20 == 'f' {
			if (le64(b, i)|0x20202020)&0xffffffff == 0x74736166 {
				c.Macro = MacroFast
				return i + 4
			}
			if (le64(b, i)|0x20202020)&0xffffffff == 0x6c6c7566 {
				c.Macro = MacroFull
				return i + 4
			}
		}
		if i = d.fetchAtt(b, i); i < 0 {
			return i
		}
	}
	c.Atts = d.atts[k:len(d.atts):len(d.atts)]
	return i
}
func (d *Dec) fetchAtt(b []byte, i int) int {
	d.atts = append(d.atts, FetchAtt{})
	a := &d.atts[len(d.atts)-1]
	s := i
	switch b[i] | 0x20 {
	case 'u':
		if (le64(b, i)|0x202020)&0xffffff == 0x646975 {
			a.Kind = AttUID
			i += 3
			goto word
		}
	case 'f':
		if (le64(b, i)|0x2020202020)&0xffffffffff == 0x7367616c66 {
			a.Kind = AttFlags
			i += 5
			goto word
		}
	case 'e':
		if (le64(b, i) | 0x2020202020202020) == 0x65706f6c65766e65 {
			a.Kind = AttEnvelope
			i += 8
			goto word
		}
		if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x64696c69616d65 {
			a.Kind = AttEmailID
			i += 7
			goto word
		}
	case 'i':
		if (le64(b, i)|0x2020202020202020) == 0x6c616e7265746e69 && (le64(b, i+8)|0x20202020)&0xffffffff == 0x65746164 {
			a.Kind = AttInternalDate
			i += 12
			goto word
		}
	case 'r':
		if (le64(b, i)|0x202020)&0xffffffffffff == 0x323238636672 {
			if (le64(b, i+6)|0x2020202000)&0xffffffffff == 0x657a69732e {
				a.Kind = AttRFC822Size
				i += 11
				goto word
			}
			if (le64(b, i+6)|0x20202020202000)&0xffffffffffffff == 0x7265646165682e {
				a.Kind = AttRFC822Header
				i += 13
				goto word
			}
			if (le64(b, i+6)|0x2020202000)&0xffffffffff == 0x747865742e {
				a.Kind = AttRFC822Text
				i += 11
				goto word
			}
			a.Kind = AttRFC822
			i += 6
			goto word
		}
	case 'b':
		if (le64(b, i)|0x20202020)&0xffffffff == 0x79646f62 {
			i += 4
			switch b[i] {
			case '[':
			case '.':
				if !((le64(b, i)|0x2020202000)&0xffffffffffff == 0x5b6b6565702e) {
					return d.fail(s, rFetchAtt)
				}
				a.Peek = true
				i += 5
			default:
				if (le64(b, i)|0x2020202020202020) == 0x7275746375727473 && (le64(b, i+8)|0x20)&0xff == 0x65 {
					a.Kind = AttBodyStructure
					i += 9
					goto word
				}
				a.Kind = AttBody
				goto word
			}
			a.Kind = AttBodySection
			if i = d.section(b, i+1, &a.Section); i < 0 {
				return i
			}
			goto partial
		}
		if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x7972616e6962 {
			i += 6
			a.Kind = AttBinary
			if (le64(b, i)|0x2020202000)&0xffffffffff == 0x6b6565702e {
				a.Peek = true
				i += 5
			} else if (le64(b, i)|0x2020202000)&0xffffffffff == 0x657a69732e {
				a.Kind = AttBinarySize
				i += 5
			}
			if b[i] != '[' {
				return d.fail(s, rFetchAtt)
			}
			i++
			if b[i] != ']' {
				if a.Section.Part, i = d.sectionPart(b, i); i < 0 {
					return i
				}
			}
			if b[i] != ']' {
				return d.fail(s, rFetchAtt)
			}
			i++
			if a.Kind == AttBinarySize {
				return i
			}
			goto partial
		}
	case 'm':
		if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x716573646f6d {
			a.Kind = AttModSeq
			i += 6
			goto word
		}
	case 'p':
		if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x77656976657270 {
			a.Kind = AttPreview
			i += 7
			goto word
		}
	case 't':
		if (le64(b, i) | 0x2020202020202020) == 0x6469646165726874 {
			a.Kind = AttThreadID
			i += 8
			goto word
		}
	case 's':
		if (le64(b, i) | 0x2020202020202020) == 0x6574616465766173 {
			a.Kind = AttSaveDate
			i += 8
			goto word
		}
	}
	return d.fail(s, rFetchAtt)
word:
	if class[b[i]]&cAtom != 0 {
		return d.fail(s, rFetchAtt)
	}
	return i
partial:
	if b[i] == '<' {
		var j int
		if a.Partial.Offset, j = d.number(b, i+1); j < 0 {
			return j
		}
		if b[j] != '.' {
			return d.fail(j, rPartial)
		}
		if a.Partial.Count, j = d.number(b, j+1); j < 0 {
			return j
		}
		if b[j] != '>' || a.Partial.Count == 0 {
			return d.fail(j, rPartial)
		}
		a.Partial.Ok = true
		i = j + 1
	}
	return i
}
func (d *Dec) sectionPart(b []byte, i int) ([]uint32, int) {
	k := len(d.nums)
	for {
		v, j := d.num32(b, i)
		if j < 0 || v == 0 {
			return nil, d.fail(i, rSection)
		}
		d.nums = append(d.nums, v)
		i = j
		if b[i] != '.' || class[b[i+1]]&cDigit == 0 {
			return d.nums[k:len(d.nums):len(d.nums)], i
		}
		i++
	}
}

// section: after "[" up to and including "]"
func (d *Dec) section(b []byte, i int, s *Section) int {
	if b[i] == ']' {
		return i + 1
	}
	if class[b[i]]&cDigit != 0 {
		if s.Part, i = d.sectionPart(b, i); i < 0 {
			return i
		}
		if b[i] == ']' {
			return i + 1
		}
		if b[i] != '.' {
			return d.fail(i, rSection)
		}
		i++
		if (le64(b, i)|0x20202020)&0xffffffffff == 0x5d656d696d {
			s.Text = SecMIME
			return i + 5
		}
	}
	switch b[i] | 0x20 {
	case 't':
		if (le64(b, i)|0x20202020)&0xffffffffff == 0x5d74786574 {
			s.Text = SecText
			return i + 5
		}
	case 'h':
		if (le64(b, i)|0x202020202020)&0xffffffffffffff == 0x5d726564616568 {
			s.Text = SecHeader
			return i + 7
		}
		if (le64(b, i)|0x2000202020202020) == 0x662e726564616568 && (le64(b, i+8)|0x2020202020)&0xffffffffff == 0x73646c6569 {
			i += 13
			s.Text = SecHeaderFields
			if (le64(b, i)|0x20202000)&0xffffffff == 0x746f6e2e {
				s.Text = SecHeaderFieldsNot
				i += 4
			}
			if b[i] != ' ' || b[i+1] != '(' {
				return d.fail(i, rHeaderList)
			}
			i++
			k := len(d.strs)
			for {
				v, j := d.astring(b, i+1)
				if j < 0 {
					return j
				}
				d.strs = append(d.strs, v)
				i = j
				if b[i] != ' ' {
					break
				}
			}
			s.Fields = d.strs[k:len(d.strs):len(d.strs)]
			if b[i] != ')' || b[i+1] != ']' {
				return d.fail(i, rHeaderList)
			}
			return i + 2
		}
	}
	return d.fail(i, rSection)
}

type Flags struct {
	Sys      uint32
	Keywords []Str
}

const (
	FlagAnswered = 1 << iota
	FlagFlagged
	FlagDeleted
	FlagSeen
	FlagDraft
	FlagRecent
	FlagMDNSent
	FlagForwarded
	FlagJunk
	FlagNotJunk
	FlagPhishing
	FlagWildcard
)

var flagNames = [...]string{"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "\\Recent", "$MDNSent", "$Forwarded", "$Junk", "$NotJunk", "$Phishing", "\\*"}

// flag decodes one flag into f (open enum: keyword first, then the open class, maximal munch).
func (d *Dec) flag(b []byte, i int, f *Flags) int {
	s := i
	var bit uint32
	n := 0
	if b[i] == '\\' {
		switch b[i+1] | 0x20 {
		case 's':
			if (le64(b, i+1)|0x20202020)&0xffffffff == 0x6e656573 {
				bit, n = FlagSeen, 5
			}
		case 'd':
			if (le64(b, i+1)|0x20202020202020)&0xffffffffffffff == 0x646574656c6564 {
				bit, n = FlagDeleted, 8
			} else if (le64(b, i+1)|0x2020202020)&0xffffffffff == 0x7466617264 {
				bit, n = FlagDraft, 6
			}
		case 'a':
			if (le64(b, i+1) | 0x2020202020202020) == 0x6465726577736e61 {
				bit, n = FlagAnswered, 9
			}
		case 'f':
			if (le64(b, i+1)|0x20202020202020)&0xffffffffffffff == 0x64656767616c66 {
				bit, n = FlagFlagged, 8
			}
		case 'r':
			if (le64(b, i+1)|0x202020202020)&0xffffffffffff == 0x746e65636572 {
				bit, n = FlagRecent, 7
			}
		}
		i++
	} else if b[i] == '$' {
		switch b[i+1] | 0x20 {
		case 'j':
			if (le64(b, i+1)|0x20202020)&0xffffffff == 0x6b6e756a {
				bit, n = FlagJunk, 5
			}
		case 'f':
			if (le64(b, i+1)|0x2020202020202020) == 0x6564726177726f66 && (le64(b, i+1+8)|0x20)&0xff == 0x64 {
				bit, n = FlagForwarded, 10
			}
		case 'n':
			if (le64(b, i+1)|0x20202020202020)&0xffffffffffffff == 0x6b6e756a746f6e {
				bit, n = FlagNotJunk, 8
			}
		case 'm':
			if (le64(b, i+1)|0x20202020202020)&0xffffffffffffff == 0x746e65736e646d {
				bit, n = FlagMDNSent, 8
			}
		case 'p':
			if (le64(b, i+1) | 0x2020202020202020) == 0x676e696873696870 {
				bit, n = FlagPhishing, 9
			}
		}
	}
	if n != 0 && class[b[s+n]]&cAtom == 0 {
		f.Sys |= bit
		return s + n
	}
	k := i
	for class[b[i]]&cAtom != 0 {
		i++
	}
	if i == k {
		return d.fail(i, rFlag)
	}
	d.strs = append(d.strs, mk(b[s:i:i]))
	return i
}
func (d *Dec) flagList(b []byte, i int, f *Flags) int { // after "("
	f.Sys = 0
	f.Keywords = nil
	if b[i] == ')' {
		return i + 1
	}
	k := len(d.strs)
	for {
		if i = d.flag(b, i, f); i < 0 {
			return i
		}
		if b[i] != ' ' {
			break
		}
		i++
	}
	if k != len(d.strs) {
		f.Keywords = d.strs[k:len(d.strs):len(d.strs)]
	}
	if b[i] != ')' {
		return d.fail(i, rFlagList)
	}
	return i + 1
}
func (d *Dec) storeCmd(b []byte, i int, c *Store) int {
	if c.Set, i = d.seqSet(b, i); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rStoreAtt)
	}
	i++
	c.Op = 0
	c.Silent = false
	if b[i] == '+' || b[i] == '-' {
		c.Op = b[i]
		i++
	}
	if !((le64(b, i)|0x2020202020)&0xffffffffff == 0x7367616c66) {
		return d.fail(i, rStoreAtt)
	}
	i += 5
	if (le64(b, i)|0x20202020202000)&0xffffffffffffff == 0x746e656c69732e {
		c.Silent = true
		i += 7
	}
	if b[i] != ' ' {
		return d.fail(i, rStoreAtt)
	}
	i++
	if b[i] == '(' {
		return d.flagList(b, i+1, &c.Flags)
	}
	c.Flags = Flags{}
	k := len(d.strs)
	for {
		if i = d.flag(b, i, &c.Flags); i < 0 {
			return i
		}
		if b[i] != ' ' {
			break
		}
		i++
	}
	c.Flags.Keywords = d.strs[k:len(d.strs):len(d.strs)]
	return i
}
func (d *Dec) listCmd(b []byte, i int, c *List) int {
	*c = List{}
	if b[i] == '(' {
		i++
		for b[i] != ')' {
			switch {
			case ((le64(b, i)|0x2020202020202020) == 0x6269726373627573 && (le64(b, i+8)|0x2020)&0xffff == 0x6465):
				c.Select |= ListSubscribed
				i += 10
			case ((le64(b, i)|0x202020202020)&0xffffffffffff == 0x65746f6d6572):
				c.Select |= ListRemote
				i += 6
			case ((le64(b, i)|0x2020202020202020) == 0x7669737275636572 && (le64(b, i+8)|0x202020202020)&0xffffffffffff == 0x686374616d65):
				c.Select |= ListRecursive
				i += 14
			case ((le64(b, i)|0x20202020202020) == 0x2d6c616963657073 && (le64(b, i+8)|0x202020)&0xffffff == 0x657375):
				c.Select |= ListSpecialUse
				i += 11
			default:
				return d.fail(i, rList)
			}
			if b[i] == ' ' {
				i++
			} else if b[i] != ')' {
				return d.fail(i, rList)
			}
		}
		i++
		if b[i] != ' ' {
			return d.fail(i, rList)
		}
		i++
	}
	if c.Ref, i = d.astring(b, i); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rList)
	}
	i++
	k := len(d.strs)
	if b[i] == '(' {
		for {
			if i = d.listMailbox(b, i+1); i < 0 {
				return i
			}
			if b[i] != ' ' {
				break
			}
		}
		if b[i] != ')' {
			return d.fail(i, rList)
		}
		i++
	} else if i = d.listMailbox(b, i); i < 0 {
		return i
	}
	c.Patterns = d.strs[k:len(d.strs):len(d.strs)]
	if (le64(b, i)|0x20202020202000) == 0x206e727574657220 && le64(b, i+8)&0xff == 0x28 {
		i += 9
		for b[i] != ')' {
			switch {
			case ((le64(b, i)|0x2020202020202020) == 0x6269726373627573 && (le64(b, i+8)|0x2020)&0xffff == 0x6465):
				c.Return |= ListSubscribed
				i += 10
			case ((le64(b, i) | 0x2020202020202020) == 0x6e6572646c696863):
				c.Return |= ListChildren
				i += 8
			case ((le64(b, i)|0x20202020202020) == 0x2d6c616963657073 && (le64(b, i+8)|0x202020)&0xffffff == 0x657375):
				c.Return |= ListSpecialUse
				i += 11
			default:
				return d.fail(i, rList)
			}
			if b[i] == ' ' {
				i++
			} else if b[i] != ')' {
				return d.fail(i, rList)
			}
		}
		i++
	}
	return i
}
func (d *Dec) listMailbox(b []byte, i int) int {
	var v Str
	if b[i] == '"' || b[i] == '{' {
		if v, i = d.stringv(b, i); i < 0 {
			return i
		}
	} else {
		s := i
		for class[b[i]]&cList != 0 {
			i++
		}
		if i == s {
			return d.fail(i, rListMailbox)
		}
		v = mk(b[s:i:i])
	}
	d.strs = append(d.strs, v)
	return i
}
func (d *Dec) searchCmd(b []byte, i int, c *Search) int {
	c.Return = 0
	c.Ext = false
	c.Charset = mk(nil)
	if b[i]|0x20 == 'r' && ((le64(b, i) | 0x202020202020) == 0x28206e7275746572) {
		i += 8
		c.Ext = true
		for b[i] != ')' {
			switch {
			case ((le64(b, i)|0x202020)&0xffffff == 0x6e696d):
				c.Return |= RetMin
				i += 3
			case ((le64(b, i)|0x202020)&0xffffff == 0x78616d):
				c.Return |= RetMax
				i += 3
			case ((le64(b, i)|0x202020)&0xffffff == 0x6c6c61):
				c.Return |= RetAll
				i += 3
			case ((le64(b, i)|0x2020202020)&0xffffffffff == 0x746e756f63):
				c.Return |= RetCount
				i += 5
			case ((le64(b, i)|0x20202020)&0xffffffff == 0x65766173):
				c.Return |= RetSave
				i += 4
			default:
				return d.fail(i, rSearchRet)
			}
			if b[i] == ' ' {
				i++
			} else if b[i] != ')' {
				return d.fail(i, rSearchRet)
			}
		}
		i++
		if b[i] != ' ' {
			return d.fail(i, rSearchRet)
		}
		i++
	}
	if (le64(b, i) | 0x20202020202020) == 0x2074657372616863 {
		if c.Charset, i = d.astring(b, i+8); i < 0 {
			return i
		}
		if b[i] != ' ' {
			return d.fail(i, rSearchKey)
		}
		i++
	}
	c.Keys, i = d.searchKeys(b, i)
	return i
}
func (d *Dec) searchKeys(b []byte, i int) ([]SearchKey, int) {
	sp := len(d.kstack)
	for {
		k, j := d.searchKey(b, i)
		if j < 0 {
			return nil, j
		}
		d.kstack = append(d.kstack, k)
		i = j
		if b[i] != ' ' {
			break
		}
		i++
	}
	a := len(d.karena)
	d.karena = append(d.karena, d.kstack[sp:]...)
	d.kstack = d.kstack[:sp]
	return d.karena[a:len(d.karena):len(d.karena)], i
}
func (d *Dec) keyText(b []byte, i int, f SearchField) (SearchKey, int) {
	p := d.sText.new()
	p.Field = f
	p.Value, i = d.astring(b, i)
	return p, i
}
func (d *Dec) keyDate(b []byte, i int, f DateOp) (SearchKey, int) {
	p := d.sDate.new()
	p.Op = f
	p.Date, i = d.date(b, i)
	return p, i
}
func (d *Dec) keySize(b []byte, i int, larger bool) (SearchKey, int) {
	p := d.sSize.new()
	p.Larger = larger
	p.N, i = d.number(b, i)
	return p, i
}
func (d *Dec) keyWord(b []byte, i, n int, w SearchWord) (SearchKey, int) {
	if class[b[i+n]]&cAtom != 0 {
		return nil, d.fail(i, rSearchKey)
	}
	return w, i + n
}
func (d *Dec) searchKey(b []byte, i int) (SearchKey, int) {
	switch b[i] | 0x20 {
	case 'a':
		if (le64(b, i)|0x202020)&0xffffff == 0x6c6c61 {
			return d.keyWord(b, i, 3, KeyAll)
		}
		if (le64(b, i) | 0x2020202020202020) == 0x6465726577736e61 {
			return d.keyWord(b, i, 8, KeyAnswered)
		}
	case 'b':
		if (le64(b, i)|0x20202020)&0xffffffffff == 0x2079646f62 {
			return d.keyText(b, i+5, InBody)
		}
		if (le64(b, i)|0x202020)&0xffffffff == 0x20636362 {
			return d.keyText(b, i+4, InBcc)
		}
		if (le64(b, i)|0x202020202020)&0xffffffffffffff == 0x2065726f666562 {
			return d.keyDate(b, i+7, OpBefore)
		}
	case 'c':
		if (le64(b, i)|0x2020)&0xffffff == 0x206363 {
			return d.keyText(b, i+3, InCc)
		}
	case 'd':
		if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x646574656c6564 {
			return d.keyWord(b, i, 7, KeyDeleted)
		}
		if (le64(b, i)|0x2020202020)&0xffffffffff == 0x7466617264 {
			return d.keyWord(b, i, 5, KeyDraft)
		}
	case 'f':
		if (le64(b, i)|0x20202020)&0xffffffffff == 0x206d6f7266 {
			return d.keyText(b, i+5, InFrom)
		}
		if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x64656767616c66 {
			return d.keyWord(b, i, 7, KeyFlagged)
		}
	case 'h':
		if (le64(b, i)|0x202020202020)&0xffffffffffffff == 0x20726564616568 {
			p := d.sHdr.new()
			if p.Name, i = d.astring(b, i+7); i < 0 {
				return nil, i
			}
			if b[i] != ' ' {
				return nil, d.fail(i, rSearchKey)
			}
			p.Value, i = d.astring(b, i+1)
			return p, i
		}
	case 'k':
		if (le64(b, i) | 0x20202020202020) == 0x2064726f7779656b {
			return d.keyText(b, i+8, InKeyword)
		}
	case 'l':
		if (le64(b, i)|0x202020202020)&0xffffffffffffff == 0x2072656772616c {
			return d.keySize(b, i+7, true)
		}
	case 'n':
		if (le64(b, i)|0x202020)&0xffffffff == 0x20746f6e {
			if d.depth++; d.depth > maxDepth {
				return nil, d.fail(i, rDepth)
			}
			p := d.sNot.new()
			p.Key, i = d.searchKey(b, i+4)
			d.depth--
			return p, i
		}
		if (le64(b, i)|0x202020)&0xffffff == 0x77656e {
			return d.keyWord(b, i, 3, KeyNew)
		}
	case 'o':
		if (le64(b, i)|0x2020)&0xffffff == 0x20726f {
			if d.depth++; d.depth > maxDepth {
				return nil, d.fail(i, rDepth)
			}
			p := d.sOr.new()
			if p.A, i = d.searchKey(b, i+3); i < 0 {
				return nil, i
			}
			if b[i] != ' ' {
				return nil, d.fail(i, rSearchKey)
			}
			p.B, i = d.searchKey(b, i+1)
			d.depth--
			return p, i
		}
		if (le64(b, i)|0x2020)&0xffffff == 0x206e6f {
			return d.keyDate(b, i+3, OpOn)
		}
		if (le64(b, i)|0x202020)&0xffffff == 0x646c6f {
			return d.keyWord(b, i, 3, KeyOld)
		}
	case 'r':
		if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x746e65636572 {
			return d.keyWord(b, i, 6, KeyRecent)
		}
	case 's':
		if (le64(b, i)|0x2020202020)&0xffffffffffff == 0x2065636e6973 {
			return d.keyDate(b, i+6, OpSince)
		}
		if (le64(b, i) | 0x20202020202020) == 0x207463656a627573 {
			return d.keyText(b, i+8, InSubject)
		}
		if (le64(b, i)|0x20202020)&0xffffffff == 0x6e656573 {
			return d.keyWord(b, i, 4, KeySeen)
		}
		if (le64(b, i)|0x2020202020202020) == 0x636e6973746e6573 && (le64(b, i+8)|0x20)&0xffff == 0x2065 {
			return d.keyDate(b, i+10, OpSentSince)
		}
		if (le64(b, i)|0x2020202020202020) == 0x6f666562746e6573 && (le64(b, i+8)|0x2020)&0xffffff == 0x206572 {
			return d.keyDate(b, i+11, OpSentBefore)
		}
		if (le64(b, i)|0x202020202020)&0xffffffffffffff == 0x206e6f746e6573 {
			return d.keyDate(b, i+7, OpSentOn)
		}
		if (le64(b, i) | 0x20202020202020) == 0x2072656c6c616d73 {
			return d.keySize(b, i+8, false)
		}
	case 't':
		if (le64(b, i)|0x2020)&0xffffff == 0x206f74 {
			return d.keyText(b, i+3, InTo)
		}
		if (le64(b, i)|0x20202020)&0xffffffffff == 0x2074786574 {
			return d.keyText(b, i+5, InText)
		}
	case 'u':
		if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x6e6565736e75 {
			return d.keyWord(b, i, 6, KeyUnseen)
		}
		if (le64(b, i)|0x2020202020202020) == 0x6574656c65646e75 && (le64(b, i+8)|0x20)&0xff == 0x64 {
			return d.keyWord(b, i, 9, KeyUndeleted)
		}
		if (le64(b, i)|0x2020202020202020) == 0x726577736e616e75 && (le64(b, i+8)|0x2020)&0xffff == 0x6465 {
			return d.keyWord(b, i, 10, KeyUnanswered)
		}
		if (le64(b, i)|0x2020202020202020) == 0x656767616c666e75 && (le64(b, i+8)|0x20)&0xff == 0x64 {
			return d.keyWord(b, i, 9, KeyUnflagged)
		}
		if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x74666172646e75 {
			return d.keyWord(b, i, 7, KeyUndraft)
		}
		if (le64(b, i)|0x2020202020202020) == 0x726f7779656b6e75 && (le64(b, i+8)|0x20)&0xffff == 0x2064 {
			return d.keyText(b, i+10, InUnkeyword)
		}
		if (le64(b, i)|0x202020)&0xffffffff == 0x20646975 {
			p := d.sSet.new()
			p.UID = true
			p.Set, i = d.seqSet(b, i+4)
			return p, i
		}
	case '(':
		if d.depth++; d.depth > maxDepth {
			return nil, d.fail(i, rDepth)
		}
		p := d.sAnd.new()
		if p.Keys, i = d.searchKeys(b, i+1); i < 0 {
			return nil, i
		}
		d.depth--
		if b[i] != ')' {
			return nil, d.fail(i, rSearchKey)
		}
		return p, i + 1
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*':
		p := d.sSet.new()
		p.Set, i = d.seqSet(b, i)
		return p, i
	}
	return nil, d.fail(i, rSearchKey)
}
