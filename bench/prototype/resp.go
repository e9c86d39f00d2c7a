package prototype

import "math/bits"

type Response interface{ isResponse() }

type Address struct{ Name, Adl, Mailbox, Host Str }
type Envelope struct {
	Date, Subject                      Str
	From, Sender, ReplyTo, To, Cc, Bcc []Address
	InReplyTo, MessageID               Str
}
type Param struct{ Name, Value Str }
type Disposition struct {
	Type   Str
	Params []Param
}
type BodyExt struct {
	MD5   Str
	Disp  Disposition
	Lang  []Str
	Loc   Str
	Level uint8
}
type Body interface{ isBody() }
type PartKind uint8

const (
	PartBasic PartKind = iota
	PartText
	PartMessage
)

type BodyPart struct {
	Kind          PartKind
	Type, Subtype Str
	Params        []Param
	ID, Desc, Enc Str
	Octets        uint32
	Lines         uint64
	Envelope      *Envelope
	Body          Body
	Ext           BodyExt
}
type BodyMulti struct {
	Parts   []Body
	Subtype Str
	Params  []Param
	Ext     BodyExt
}

func (*BodyPart) isBody()  {}
func (*BodyMulti) isBody() {}

const (
	HasUID = 1 << iota
	HasFlags
	HasInternalDate
	HasSize
	HasEnvelope
	HasBody
	HasBodyStructure
	HasModSeq
)

type SectionData struct {
	Section   Section
	Origin    uint32
	HasOrigin bool
	Data      Str
}
type FetchData struct {
	Seq          uint32
	Has          uint32
	UID          uint32
	InternalDate DateTime
	Size         uint64
	ModSeq       uint64
	Flags        Flags
	Envelope     *Envelope
	Body         Body
	Sections     []SectionData
}
type ListData struct {
	Attrs   uint32
	Other   []Str
	Delim   byte
	Mailbox Str
}
type SearchData struct {
	Nums   []uint32
	ModSeq uint64
}

func (*FetchData) isResponse()  {}
func (*ListData) isResponse()   {}
func (*SearchData) isResponse() {}

const (
	MbxNoinferiors = 1 << iota
	MbxNoselect
	MbxMarked
	MbxUnmarked
	MbxHasChildren
	MbxHasNoChildren
	MbxNonExistent
	MbxSubscribed
	MbxRemote
	MbxSent
	MbxTrash
	MbxDrafts
	MbxJunk
	MbxArchive
	MbxAll
	MbxFlagged
)

func (d *Dec) Response(line []byte) (Response, error) {
	b, ok := d.prep(line)
	if !ok {
		return nil, ErrPadding
	}
	if b[0] != '*' || b[1] != ' ' {
		d.fail(0, rResponse)
		return nil, d.mkErr()
	}
	r, i := d.response(b, 2)
	if i < 0 {
		return nil, d.mkErr()
	}
	if i != d.end {
		d.fail(i, rCRLF)
		return nil, d.mkErr()
	}
	return r, nil
}
func (d *Dec) response(b []byte, i int) (Response, int) {
	if class[b[i]]&cDigit != 0 {
		n, j := d.num32(b, i)
		if j < 0 {
			return nil, j
		}
		i = j
		if (le64(b, i) | 0x202020202000) == 0x2820686374656620 {
			m := &d.fm
			m.Seq = n
			m.Has = 0
			m.Sections = nil
			return m, d.msgAtt(b, i+8, m)
		}
		return nil, d.fail(i, rResponse)
	}
	switch b[i] | 0x20 {
	case 's':
		if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x686372616573 {
			return &d.sd, d.searchData(b, i+6)
		}
	case 'l':
		if (le64(b, i)|0x20202020)&0xffffffffffff == 0x28207473696c {
			return &d.ld, d.listData(b, i+6)
		}
	}
	return nil, d.fail(i, rResponse)
}
func (d *Dec) searchData(b []byte, i int) int {
	d.sd.ModSeq = 0
	k := len(d.nums)
	nums := d.nums
	for b[i] == ' ' {
		i++
		// inlined number primitive: the hot loop of a leaf list
		w := le64(b, i)
		t := w ^ 0x3030303030303030
		m := ((t + 0x7676767676767676) | t) & hi
		n := bits.TrailingZeros64(m) &^ 7
		if m == 0 || n == 0 || b[i] == '0' {
			if (le64(b, i) | 0x20202020202000) == 0x20716573646f6d28 {
				v, j := d.number(b, i+8)
				if j < 0 {
					return j
				}
				if b[j] != ')' {
					return d.fail(j, rNumber)
				}
				d.sd.ModSeq = v
				i = j + 1
				break
			}
			v, j := d.num32(b, i)
			if j < 0 {
				return j
			}
			if v == 0 {
				return d.fail(i, rNumber)
			}
			nums = append(nums, v)
			i = j
			continue
		}
		t <<= uint(64-n) & 63
		t = (t*10 + t>>8) & 0x00FF00FF00FF00FF
		t = (t*100 + t>>16) & 0x0000FFFF0000FFFF
		t = (t*10000 + t>>32) & 0xFFFFFFFF
		nums = append(nums, uint32(t))
		i += n >> 3
	}
	d.nums = nums
	d.sd.Nums = nums[k:len(nums):len(nums)]
	return i
}
func (d *Dec) listData(b []byte, i int) int {
	l := &d.ld
	l.Attrs = 0
	l.Other = nil
	if b[i] != ')' {
		k := len(d.strs)
		for {
			if b[i] != '\\' {
				return d.fail(i, rMailboxList)
			}
			s := i
			i++
			var bit uint32
			n := 0
			switch b[i] | 0x20 {
			case 'h':
				if (le64(b, i)|0x2020202020202020) == 0x6968636f6e736168 && (le64(b, i+8)|0x2020202020)&0xffffffffff == 0x6e6572646c {
					bit, n = MbxHasNoChildren, 13
				} else if (le64(b, i)|0x2020202020202020) == 0x646c696863736168 && (le64(b, i+8)|0x202020)&0xffffff == 0x6e6572 {
					bit, n = MbxHasChildren, 11
				}
			case 'n':
				if (le64(b, i) | 0x2020202020202020) == 0x7463656c65736f6e {
					bit, n = MbxNoselect, 8
				} else if (le64(b, i)|0x2020202020202020) == 0x697265666e696f6e && (le64(b, i+8)|0x202020)&0xffffff == 0x73726f {
					bit, n = MbxNoinferiors, 11
				} else if (le64(b, i)|0x2020202020202020) == 0x74736978656e6f6e && (le64(b, i+8)|0x202020)&0xffffff == 0x746e65 {
					bit, n = MbxNonExistent, 11
				}
			case 'm':
				if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x64656b72616d {
					bit, n = MbxMarked, 6
				}
			case 'u':
				if (le64(b, i) | 0x2020202020202020) == 0x64656b72616d6e75 {
					bit, n = MbxUnmarked, 8
				}
			case 's':
				if (le64(b, i)|0x2020202020202020) == 0x6269726373627573 && (le64(b, i+8)|0x2020)&0xffff == 0x6465 {
					bit, n = MbxSubscribed, 10
				} else if (le64(b, i)|0x20202020)&0xffffffff == 0x746e6573 {
					bit, n = MbxSent, 4
				}
			case 't':
				if (le64(b, i)|0x2020202020)&0xffffffffff == 0x6873617274 {
					bit, n = MbxTrash, 5
				}
			case 'd':
				if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x737466617264 {
					bit, n = MbxDrafts, 6
				}
			case 'j':
				if (le64(b, i)|0x20202020)&0xffffffff == 0x6b6e756a {
					bit, n = MbxJunk, 4
				}
			case 'a':
				if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x65766968637261 {
					bit, n = MbxArchive, 7
				} else if (le64(b, i)|0x202020)&0xffffff == 0x6c6c61 {
					bit, n = MbxAll, 3
				}
			case 'f':
				if (le64(b, i)|0x20202020202020)&0xffffffffffffff == 0x64656767616c66 {
					bit, n = MbxFlagged, 7
				}
			case 'r':
				if (le64(b, i)|0x202020202020)&0xffffffffffff == 0x65746f6d6572 {
					bit, n = MbxRemote, 6
				}
			}
			if n != 0 && class[b[i+n]]&cAtom == 0 {
				l.Attrs |= bit
				i += n
			} else {
				for class[b[i]]&cAtom != 0 {
					i++
				}
				d.strs = append(d.strs, mk(b[s:i:i]))
			}
			if b[i] != ' ' {
				break
			}
			i++
		}
		if k != len(d.strs) {
			l.Other = d.strs[k:len(d.strs):len(d.strs)]
		}
		if b[i] != ')' {
			return d.fail(i, rMailboxList)
		}
	}
	i++
	if b[i] != ' ' {
		return d.fail(i, rMailboxList)
	}
	i++
	if b[i] == '"' {
		i++
		if b[i] == '\\' {
			i++
		}
		l.Delim = b[i]
		if l.Delim < ' ' || b[i+1] != '"' {
			return d.fail(i, rMailboxList)
		}
		i += 2
	} else if (le64(b, i)|0x202020)&0xffffff == 0x6c696e {
		l.Delim = 0
		i += 3
	} else {
		return d.fail(i, rMailboxList)
	}
	if b[i] != ' ' {
		return d.fail(i, rMailboxList)
	}
	l.Mailbox, i = d.astring(b, i+1)
	return i
}
func (d *Dec) msgAtt(b []byte, i int, m *FetchData) int {
	for {
		var j int
		switch b[i] | 0x20 {
		case 'u':
			if !((le64(b, i)|0x202020)&0xffffffff == 0x20646975) {
				return d.fail(i, rMsgAtt)
			}
			if m.UID, j = d.num32(b, i+4); j < 0 {
				return j
			}
			m.Has |= HasUID
		case 'f':
			if !((le64(b, i)|0x2020202020)&0xffffffffffffff == 0x28207367616c66) {
				return d.fail(i, rMsgAtt)
			}
			if j = d.flagList(b, i+7, &m.Flags); j < 0 {
				return j
			}
			m.Has |= HasFlags
		case 'i':
			if !((le64(b, i)|0x2020202020202020) == 0x6c616e7265746e69 && (le64(b, i+8)|0x20202020)&0xffffffffff == 0x2065746164) {
				return d.fail(i, rMsgAtt)
			}
			if m.InternalDate, j = d.dateTime(b, i+13); j < 0 {
				return j
			}
			m.Has |= HasInternalDate
		case 'r':
			if !((le64(b, i)|0x2000000000202020) == 0x732e323238636672 && (le64(b, i+8)|0x202020)&0xffffffff == 0x20657a69) {
				return d.fail(i, rMsgAtt)
			}
			if m.Size, j = d.number(b, i+12); j < 0 {
				return j
			}
			m.Has |= HasSize
		case 'e':
			if !((le64(b, i)|0x2020202020202020) == 0x65706f6c65766e65 && le64(b, i+8)&0xffff == 0x2820) {
				return d.fail(i, rMsgAtt)
			}
			m.Envelope = d.envs.new()
			if j = d.envelope(b, i+10, m.Envelope); j < 0 {
				return j
			}
			m.Has |= HasEnvelope
		case 'm':
			if !((le64(b, i) | 0x202020202020) == 0x2820716573646f6d) {
				return d.fail(i, rMsgAtt)
			}
			if m.ModSeq, j = d.number(b, i+8); j < 0 {
				return j
			}
			if b[j] != ')' {
				return d.fail(j, rMsgAtt)
			}
			j++
			m.Has |= HasModSeq
		case 'b':
			if (le64(b, i)|0x2020202020202020) == 0x7572747379646f62 && (le64(b, i+8)|0x2020202020)&0xffffffffffffff == 0x28206572757463 {
				if m.Body, j = d.body(b, i+15); j < 0 {
					return j
				}
				m.Has |= HasBodyStructure
			} else if (le64(b, i)|0x20202020)&0xffffffffffff == 0x282079646f62 {
				if m.Body, j = d.body(b, i+6); j < 0 {
					return j
				}
				m.Has |= HasBody
			} else if (le64(b, i)|0x20202020)&0xffffffffff == 0x5b79646f62 {
				var s SectionData
				if j = d.section(b, i+5, &s.Section); j < 0 {
					return j
				}
				if b[j] == '<' {
					if s.Origin, j = d.num32(b, j+1); j < 0 {
						return j
					}
					if b[j] != '>' {
						return d.fail(j, rMsgAtt)
					}
					s.HasOrigin = true
					j++
				}
				if b[j] != ' ' {
					return d.fail(j, rMsgAtt)
				}
				if s.Data, j = d.nstring(b, j+1); j < 0 {
					return j
				}
				m.Sections = append(m.Sections, s)
			} else {
				return d.fail(i, rMsgAtt)
			}
		default:
			return d.fail(i, rMsgAtt)
		}
		i = j
		if b[i] != ' ' {
			break
		}
		i++
	}
	if b[i] != ')' {
		return d.fail(i, rMsgAtt)
	}
	return i + 1
}
func (d *Dec) addrList(b []byte, i int) ([]Address, int) {
	if b[i] != '(' {
		if (le64(b, i)|0x202020)&0xffffff == 0x6c696e {
			return nil, i + 3
		}
		return nil, d.fail(i, rEnvelope)
	}
	i++
	k := len(d.addrs)
	for b[i] == '(' {
		d.addrs = append(d.addrs, Address{})
		a := &d.addrs[len(d.addrs)-1]
		if a.Name, i = d.nstring(b, i+1); i < 0 {
			return nil, i
		}
		if b[i] != ' ' {
			return nil, d.fail(i, rAddress)
		}
		if a.Adl, i = d.nstring(b, i+1); i < 0 {
			return nil, i
		}
		if b[i] != ' ' {
			return nil, d.fail(i, rAddress)
		}
		if a.Mailbox, i = d.nstring(b, i+1); i < 0 {
			return nil, i
		}
		if b[i] != ' ' {
			return nil, d.fail(i, rAddress)
		}
		if a.Host, i = d.nstring(b, i+1); i < 0 {
			return nil, i
		}
		if b[i] != ')' {
			return nil, d.fail(i, rAddress)
		}
		i++
	}
	if b[i] != ')' || k == len(d.addrs) {
		return nil, d.fail(i, rAddress)
	}
	return d.addrs[k:len(d.addrs):len(d.addrs)], i + 1
}
func (d *Dec) envelope(b []byte, i int, e *Envelope) int { // after "("
	if e.Date, i = d.nstring(b, i); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.Subject, i = d.nstring(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.From, i = d.addrList(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.Sender, i = d.addrList(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.ReplyTo, i = d.addrList(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.To, i = d.addrList(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.Cc, i = d.addrList(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.Bcc, i = d.addrList(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.InReplyTo, i = d.nstring(b, i+1); i < 0 {
		return i
	}
	if b[i] != ' ' {
		return d.fail(i, rEnvelope)
	}
	if e.MessageID, i = d.nstring(b, i+1); i < 0 {
		return i
	}
	if b[i] != ')' {
		return d.fail(i, rEnvelope)
	}
	return i + 1
}
func (d *Dec) paramList(b []byte, i int) ([]Param, int) {
	if b[i] != '(' {
		if (le64(b, i)|0x202020)&0xffffff == 0x6c696e {
			return nil, i + 3
		}
		return nil, d.fail(i, rBodyParam)
	}
	k := len(d.params)
	for {
		var p Param
		if p.Name, i = d.stringv(b, i+1); i < 0 {
			return nil, i
		}
		if b[i] != ' ' {
			return nil, d.fail(i, rBodyParam)
		}
		if p.Value, i = d.stringv(b, i+1); i < 0 {
			return nil, i
		}
		d.params = append(d.params, p)
		if b[i] != ' ' {
			break
		}
	}
	if b[i] != ')' {
		return nil, d.fail(i, rBodyParam)
	}
	return d.params[k:len(d.params):len(d.params)], i + 1
}
func foldEq(s Str, lit string) bool {
	if len(s) != len(lit) {
		return false
	}
	for i := 0; i < len(lit); i++ {
		if s[i]|0x20 != lit[i] {
			return false
		}
	}
	return true
}
func (d *Dec) body(b []byte, i int) (Body, int) { // after "("
	if d.depth++; d.depth > maxDepth {
		return nil, d.fail(i, rDepth)
	}
	if b[i] == '(' {
		sp := len(d.bstack)
		for b[i] == '(' {
			v, j := d.body(b, i+1)
			if j < 0 {
				return nil, j
			}
			d.bstack = append(d.bstack, v)
			i = j
		}
		m := d.bMulti.new()
		a := len(d.barena)
		d.barena = append(d.barena, d.bstack[sp:]...)
		d.bstack = d.bstack[:sp]
		m.Parts = d.barena[a:len(d.barena):len(d.barena)]
		if b[i] != ' ' {
			return nil, d.fail(i, rBody)
		}
		if m.Subtype, i = d.stringv(b, i+1); i < 0 {
			return nil, i
		}
		if b[i] == ' ' {
			if m.Params, i = d.paramList(b, i+1); i < 0 {
				return nil, i
			}
			m.Ext.Level = 1
			if b[i] == ' ' {
				if i = d.bodyExt(b, i+1, &m.Ext); i < 0 {
					return nil, i
				}
			}
		}
		if b[i] != ')' {
			return nil, d.fail(i, rBody)
		}
		d.depth--
		return m, i + 1
	}
	p := d.bPart.new()
	if p.Type, i = d.stringv(b, i); i < 0 {
		return nil, i
	}
	if b[i] != ' ' {
		return nil, d.fail(i, rBody)
	}
	if p.Subtype, i = d.stringv(b, i+1); i < 0 {
		return nil, i
	}
	if b[i] != ' ' {
		return nil, d.fail(i, rBody)
	}
	if p.Params, i = d.paramList(b, i+1); i < 0 {
		return nil, i
	}
	if b[i] != ' ' {
		return nil, d.fail(i, rBody)
	}
	if p.ID, i = d.nstring(b, i+1); i < 0 {
		return nil, i
	}
	if b[i] != ' ' {
		return nil, d.fail(i, rBody)
	}
	if p.Desc, i = d.nstring(b, i+1); i < 0 {
		return nil, i
	}
	if b[i] != ' ' {
		return nil, d.fail(i, rBody)
	}
	if p.Enc, i = d.stringv(b, i+1); i < 0 {
		return nil, i
	}
	if b[i] != ' ' {
		return nil, d.fail(i, rBody)
	}
	if p.Octets, i = d.num32(b, i+1); i < 0 {
		return nil, i
	}
	if foldEq(p.Type, "text") {
		p.Kind = PartText
		if b[i] != ' ' {
			return nil, d.fail(i, rBody)
		}
		if p.Lines, i = d.number(b, i+1); i < 0 {
			return nil, i
		}
	} else if foldEq(p.Type, "message") && foldEq(p.Subtype, "rfc822") {
		p.Kind = PartMessage
		if b[i] != ' ' || b[i+1] != '(' {
			return nil, d.fail(i, rBody)
		}
		p.Envelope = d.envs.new()
		if i = d.envelope(b, i+2, p.Envelope); i < 0 {
			return nil, i
		}
		if b[i] != ' ' || b[i+1] != '(' {
			return nil, d.fail(i, rBody)
		}
		if p.Body, i = d.body(b, i+2); i < 0 {
			return nil, i
		}
		if b[i] != ' ' {
			return nil, d.fail(i, rBody)
		}
		if p.Lines, i = d.number(b, i+1); i < 0 {
			return nil, i
		}
	}
	if b[i] == ' ' {
		if p.Ext.MD5, i = d.nstring(b, i+1); i < 0 {
			return nil, i
		}
		p.Ext.Level = 1
		if b[i] == ' ' {
			if i = d.bodyExt(b, i+1, &p.Ext); i < 0 {
				return nil, i
			}
		}
	}
	if b[i] != ')' {
		return nil, d.fail(i, rBody)
	}
	d.depth--
	return p, i + 1
}
func (d *Dec) bodyExt(b []byte, i int, e *BodyExt) int {
	e.Level = 2
	if b[i] == '(' {
		if e.Disp.Type, i = d.stringv(b, i+1); i < 0 {
			return i
		}
		if b[i] != ' ' {
			return d.fail(i, rBody)
		}
		if e.Disp.Params, i = d.paramList(b, i+1); i < 0 {
			return i
		}
		if b[i] != ')' {
			return d.fail(i, rBody)
		}
		i++
	} else if (le64(b, i)|0x202020)&0xffffff == 0x6c696e {
		i += 3
	} else {
		return d.fail(i, rBody)
	}
	if b[i] != ' ' {
		return i
	}
	i++
	e.Level = 3
	k := len(d.strs)
	if b[i] == '(' {
		for {
			v, j := d.stringv(b, i+1)
			if j < 0 {
				return j
			}
			d.strs = append(d.strs, v)
			i = j
			if b[i] != ' ' {
				break
			}
		}
		if b[i] != ')' {
			return d.fail(i, rBody)
		}
		i++
		e.Lang = d.strs[k:len(d.strs):len(d.strs)]
	} else {
		v, j := d.nstring(b, i)
		if j < 0 {
			return j
		}
		i = j
		if len(v) > 0 {
			d.strs = append(d.strs, v)
			e.Lang = d.strs[k:len(d.strs):len(d.strs)]
		}
	}
	if b[i] != ' ' {
		return i
	}
	e.Level = 4
	e.Loc, i = d.nstring(b, i+1)
	return i
}
