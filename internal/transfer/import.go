package transfer

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

const (
	// importStep is how many messages one transaction adds.
	importStep = 1000
	// importOctets is how many octets of messages in memory it may hold.
	importOctets = 8 << 20
)

// Importer is a Receiver that adds what it gets to an account, in transactions of many messages.
//
// Importing is resumed by importing once more: a message whose octets and INTERNALDATE a mailbox has already is taken as
// imported, as often as the mailbox had it when its turn came. The account itself is the record of what has been done, so
// there is no moment at which it could be wrong. Mailboxes and subscriptions are added, never taken away.
type Importer struct {
	ctx     context.Context
	account store.Account
	listen  Listener
	limits  store.Limits

	done    Progress
	boxes   map[string]store.Mailbox
	box     store.Mailbox // ID is 0 if its messages are left out
	present *present      // nil if the mailbox was empty
	batch   []store.NewMessage
	octets  int64 // of the batch's messages that are in memory
	total   int64 // of all of the batch
	begun   bool
	ended   chan appended // of the transaction that runs; nil if none does

	// placed are messages that may have copies, by the EMAILIDs of the account they come from.
	placed map[string]store.Place
	// placing are those of the batch, with their places in it.
	placing map[string]int
}

// appended is how a transaction ended.
type appended struct {
	messages, octets int64
	placed           map[string]store.Place
	err              error
}

// NewImporter returns an Importer into an account.
func NewImporter(ctx context.Context, account store.Account, limits store.Limits, listen Listener) *Importer {
	return &Importer{ctx: ctx, account: account, limits: limits, listen: listen, placed: make(map[string]store.Place)}
}

// Done returns what has been done so far.
func (i *Importer) Done() Progress { return i.done }

// Abort frees what an import that failed holds. Calling it after Close does nothing.
func (i *Importer) Abort() {
	_ = i.wait() // the first error is known
	closeAll(i.batch)
	i.batch = nil
}

// Account makes mailboxes and subscriptions.
func (i *Importer) Account(a Account) error {
	list, err := i.account.Mailboxes(i.ctx)
	if err != nil {
		return err
	}
	i.boxes = make(map[string]store.Mailbox)
	for _, b := range list {
		i.boxes[b.Name] = b
	}
	wanted := make(map[string]bool)
	for name := range i.boxes {
		wanted[name] = true
	}
	boxes := slices.Clone(a.Mailboxes)
	slices.SortFunc(boxes, func(a, b Mailbox) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range boxes {
		name := cleanName(m.Name)
		wanted[name] = true
		if err := i.create(name, useOf(m.Use)); err != nil {
			return err
		}
	}
	if err := i.dropSuperiors(wanted); err != nil {
		return err
	}
	for _, name := range a.Subscriptions {
		if err := i.account.Subscribe(i.ctx, cleanName(name)); isRefusal(err) {
			i.listen.warn("subscription %q is left out: %v", name, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// cleanName is the name as a store wants it.
func cleanName(name string) string {
	name = norm.NFC.String(name)
	first, rest, deep := strings.Cut(name, store.Separator)
	if strings.EqualFold(first, store.Inbox) {
		first = store.Inbox
	}
	if deep {
		return first + store.Separator + rest
	}
	return first
}

// isRefusal tells an error that is about one thing alone: the rest can go on.
func isRefusal(err error) bool {
	return store.IsCode(err, store.Cannot) || store.IsCode(err, store.Limit) || store.IsCode(err, store.TooBig)
}

// useSetter is what stores can do that change the special use of a mailbox that exists.
type useSetter interface {
	SetUse(ctx context.Context, id store.MailboxID, use store.SpecialUse) error
}

// create makes a mailbox, or gives one that exists what it lacks.
func (i *Importer) create(name string, use store.SpecialUse) error {
	b, exists := i.boxes[name]
	if !exists {
		b, err := i.account.Create(i.ctx, store.NewMailbox{Name: name, Use: use})
		if isRefusal(err) {
			i.listen.warn("mailbox %q is left out: %v", name, err)
			return nil
		}
		if store.IsCode(err, store.AlreadyExists) { // a superior that was made on the way
			b, err = i.account.Lookup(i.ctx, name)
		}
		if err != nil {
			return err
		}
		i.boxes[name] = b
		return i.addUse(b, use)
	}
	return i.addUse(b, use)
}

func (i *Importer) addUse(b store.Mailbox, use store.SpecialUse) error {
	if b.Use|use == b.Use {
		return nil
	}
	if s, ok := i.account.(useSetter); ok {
		return s.SetUse(i.ctx, b.ID, b.Use|use)
	}
	i.listen.warn("mailbox %q is there already, and does not become %s", b.Name, use)
	return nil
}

// dropSuperiors deletes the mailboxes that were only made because others are below them.
func (i *Importer) dropSuperiors(wanted map[string]bool) error {
	list, err := i.account.Mailboxes(i.ctx)
	if err != nil {
		return err
	}
	for _, b := range list {
		if wanted[b.Name] || b.Messages > 0 {
			continue
		}
		below := func(name string) bool { return store.Below(name, b.Name) }
		if !slices.ContainsFunc(slices.Collect(mapsKeys(wanted)), below) {
			continue // somebody else has just made it
		}
		if err := i.account.Delete(i.ctx, b.Name); err != nil && !store.IsCode(err, store.NonExistent) {
			return err
		}
	}
	return nil
}

// mapsKeys yields the names that are true.
func mapsKeys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name, is := range m {
			if is && !yield(name) {
				return
			}
		}
	}
}

// Mailbox begins a mailbox. Its messages come in their order.
func (i *Importer) Mailbox(m Mailbox) error {
	if err := i.flush(); err != nil {
		return err
	}
	if err := i.wait(); err != nil {
		return err
	}
	name := cleanName(m.Name)
	i.begun, i.present, i.box = true, nil, store.Mailbox{}
	i.done.Mailbox = name
	b, ok := i.boxes[name]
	if !ok {
		return nil // there was a warning
	}
	b, err := i.account.Mailbox(i.ctx, b.ID)
	if err != nil {
		return err
	}
	i.box = b
	if b.Messages > 0 {
		i.present, err = findPresent(i.ctx, i.account, b.ID)
	}
	return err
}

// Message adds a message, or finds that it is there.
func (i *Importer) Message(m Message, octets io.Reader) error {
	if !i.begun {
		return errNoMailbox
	}
	if i.box.ID == 0 {
		i.done.LeftOut++
		return nil
	}
	staged, err := i.account.Stage(i.ctx, octets, m.Size)
	if store.IsCode(err, store.TooBig) {
		i.done.LeftOut++
		i.listen.warn("a message of %d octets in %q is too big, and is left out", m.Size, i.box.Name)
		return nil
	}
	if err != nil {
		return err
	}
	uid, err := i.present.find(i.ctx, staged, imap.DateTime(m.Date))
	if err == nil && uid == 0 {
		return i.add(m, staged)
	}
	if err == nil {
		i.done.Present++
		if _, placed := i.placed[m.Email]; m.Email != "" && !placed {
			i.placed[m.Email] = store.Place{Mailbox: i.box.ID, UID: uid}
		}
	}
	_ = staged.Close() // nothing depends on what is thrown away
	return err
}

// add adds a message to the batch.
func (i *Importer) add(m Message, body store.Staged) error {
	original, err := i.original(m.Email)
	if err != nil {
		_ = body.Close() // the first error is known
		return err
	}
	i.batch = append(i.batch, store.NewMessage{
		Body: body, Flags: i.flags(m.Flags), InternalDate: imap.DateTime(m.Date), SaveDate: imap.DateTime(m.Saved),
		CopyOf: original,
	})
	i.total += m.Size
	if m.Size <= inMemory {
		i.octets += m.Size
	}
	if len(i.batch) >= importStep || i.octets >= importOctets {
		return i.flush()
	}
	return nil
}

// original returns where the message is that one with this EMAILID is a copy of. The first one has none, and is noted.
func (i *Importer) original(email string) (store.Place, error) {
	if email == "" {
		return store.Place{}, nil
	}
	if _, coming := i.placing[email]; coming {
		if err := i.flush(); err != nil {
			return store.Place{}, err
		}
	}
	place, placed := i.placed[email]
	if !placed && i.ended != nil { // perhaps it is in the transaction that runs
		if err := i.wait(); err != nil {
			return store.Place{}, err
		}
		place, placed = i.placed[email]
	}
	if !placed {
		if i.placing == nil {
			i.placing = make(map[string]int)
		}
		i.placing[email] = len(i.batch)
	}
	return place, nil
}

// flags returns the flags that a message may have here.
func (i *Importer) flags(names []string) imap.FlagSet {
	var set imap.FlagSet
	for _, name := range names {
		if _, known := imap.FlagBit(name); !known && !isKeyword(name, i.limits.KeywordLength) {
			i.listen.warn("keyword %.100q in %q is none that IMAP can say, and is left out", name, i.box.Name)
			continue
		}
		set.AddName(name)
	}
	set.Remove(imap.FlagRecent | imap.FlagAny)
	return set
}

// isKeyword tells whether a name is an atom (RFC 9051 §9, flag-keyword).
func isKeyword(name string, longest int) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return name != "" && len(name) <= longest
}

// flush adds the batch, while the next one is being made.
func (i *Importer) flush() error {
	if err := i.wait(); err != nil || len(i.batch) == 0 {
		return err
	}
	batch, box, total, placing := i.batch, i.box, i.total, i.placing
	i.batch, i.octets, i.total, i.placing = nil, 0, 0, nil
	ended := make(chan appended, 1)
	i.ended = ended
	go func() {
		res, err := i.account.Append(i.ctx, box.ID, batch)
		closeAll(batch)
		if err != nil {
			err = fmt.Errorf("mailbox %q: %w", box.Name, err)
		}
		ended <- appended{int64(len(batch)), total, places(placing, box.ID, res.UIDs), err}
	}()
	return nil
}

// wait waits for the transaction that runs, and tells of it.
func (i *Importer) wait() error {
	if i.ended == nil {
		return nil
	}
	last := <-i.ended
	i.ended = nil
	if last.err == nil {
		i.done.Messages += last.messages
		i.done.Octets += last.octets
		maps.Copy(i.placed, last.placed)
		i.listen.progress(i.done)
	}
	return last.err
}

// places turns places in a batch into those where its messages went.
func places(placing map[string]int, box store.MailboxID, uids imap.UIDSet) map[string]store.Place {
	if len(placing) == 0 {
		return nil
	}
	list := slices.Collect(uids.All())
	placed := make(map[string]store.Place, len(placing))
	for email, at := range placing {
		if at < len(list) { // none after an error
			placed[email] = store.Place{Mailbox: box, UID: list[at]}
		}
	}
	return placed
}

func closeAll(batch []store.NewMessage) {
	for _, m := range batch {
		_ = m.Body.Close() // what Append has not taken over is thrown away
	}
}

// Close adds what is left.
func (i *Importer) Close() error {
	if err := i.flush(); err != nil {
		return err
	}
	err := i.wait()
	if err == nil {
		i.listen.progress(i.done)
	}
	return err
}

// present are the messages that a mailbox had before, by what is cheap to compare.
type present struct {
	account store.Account
	box     store.MailboxID
	uids    map[outside][]imap.UID
	same    map[inside][]imap.UID // those that were not yet found
}

// outside is what a message looks like without reading it.
type outside struct {
	size int64
	date imap.DateTime
}

// inside is the whole message.
type inside struct {
	outside
	hash [sha256.Size]byte
}

func findPresent(ctx context.Context, account store.Account, box store.MailboxID) (*present, error) {
	p := &present{account: account, box: box, uids: make(map[outside][]imap.UID), same: make(map[inside][]imap.UID)}
	for m, err := range account.Messages(ctx, box, everything, store.WantMetadata) {
		if err != nil {
			return nil, err
		}
		o := outside{m.Size, m.InternalDate}
		p.uids[o] = append(p.uids[o], m.UID)
	}
	return p, nil
}

// find returns the UID of a message that was there, each time another one; 0 if there is none left.
func (p *present) find(ctx context.Context, body store.Body, date imap.DateTime) (imap.UID, error) {
	if p == nil {
		return 0, nil
	}
	o := outside{body.Size(), date}
	if list, unread := p.uids[o]; unread && len(list) > 0 {
		if err := p.read(ctx, o, list); err != nil {
			return 0, err
		}
		p.uids[o] = p.uids[o][:0]
	} else if !unread {
		return 0, nil
	}
	hash, err := hashOf(body)
	if err != nil {
		return 0, err
	}
	k := inside{o, hash}
	left := p.same[k]
	if len(left) == 0 {
		return 0, nil
	}
	p.same[k] = left[1:]
	return left[0], nil
}

// read notes what looks the same. What cannot be read any more is not there.
func (p *present) read(ctx context.Context, o outside, list []imap.UID) error {
	for _, uid := range list {
		body, err := p.account.Body(ctx, p.box, uid)
		if err == nil {
			var hash [sha256.Size]byte
			hash, err = hashOf(body)
			_ = body.Close() // it was only read
			if err == nil {
				k := inside{o, hash}
				p.same[k] = append(p.same[k], uid)
			}
		}
		if err != nil && !store.IsCode(err, store.Corruption) && !store.IsCode(err, store.ExpungeIssued) {
			return err
		}
	}
	return nil
}

func hashOf(body store.Body) ([sha256.Size]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, io.NewSectionReader(body, 0, body.Size()))
	return [sha256.Size]byte(h.Sum(nil)), err
}
