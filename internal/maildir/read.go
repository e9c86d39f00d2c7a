package maildir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

// Reader reads a Maildir.
type Reader struct {
	root    *os.Root
	warn    func(string)
	folders []folder
	account transfer.Account
	total   int64
	leftOut int64
}

// folder is one mailbox.
type folder struct {
	dir string
	box transfer.Mailbox
}

// ErrNone is a directory without any Maildir in it.
var ErrNone = errors.New("there is no Maildir: no directory in it has cur and new")

// Open finds the mailboxes in a directory.
func Open(dir string, warn func(string)) (_ *Reader, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	r := &Reader{root: root, warn: warn}
	if err := r.find(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, err), root.Close())
	}
	return r, nil
}

// Close closes the directory.
func (r *Reader) Close() error { return r.root.Close() }

// Total is how many messages there are.
func (r *Reader) Total() int64 { return r.total }

// LeftOut is how many of them Send could not read; a warning told why.
func (r *Reader) LeftOut() int64 { return r.leftOut }

// find lists mailboxes, messages and subscriptions.
func (r *Reader) find() error {
	file, err := transfer.ReadAccount(r.root)
	if err != nil {
		return err
	}
	known := make(map[string]transfer.Mailbox)
	if file != nil {
		if !file.Complete {
			r.warn("this is an export that was interrupted: it may not have all messages")
		}
		for _, p := range file.Mailboxes {
			known[p.Path] = p.Mailbox
		}
	}
	if err := r.walk(".", nil); err != nil {
		return err
	}
	if len(r.folders) == 0 {
		return ErrNone
	}
	plusplus := false
	for i := range r.folders {
		f := &r.folders[i]
		plusplus = plusplus || strings.HasPrefix(f.dir, ".") && f.dir != "."
		if box, ok := known[f.dir]; ok {
			f.box = box
		}
		if f.box.Messages, err = r.count(f.dir); err != nil {
			return err
		}
		r.total += f.box.Messages
		r.account.Mailboxes = append(r.account.Mailboxes, f.box)
	}
	if file != nil {
		r.account.Subscriptions = file.Subscriptions
		return nil
	}
	return r.findSubscriptions(plusplus)
}

// findSubscriptions reads what other programs have left. When there is no list, all mailboxes are subscribed: they are
// what the user saw.
func (r *Reader) findSubscriptions(plusplus bool) error {
	for _, name := range []string{subscriptionsName, courierName} {
		data, err := transfer.ReadSmall(r.root, name)
		if err == nil {
			r.account.Subscriptions = parseSubscriptions(string(data), plusplus)
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, f := range r.folders {
		r.account.Subscriptions = append(r.account.Subscriptions, f.box.Name)
	}
	return nil
}

// maxDepth is how deep directories are searched.
const maxDepth = 64

// walk looks for mailboxes in a directory; levels are the names on the way to it.
func (r *Reader) walk(dir string, levels []string) error {
	if len(levels) > maxDepth {
		return fmt.Errorf("%s is too deep", dir)
	}
	names, err := list(r.root, dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	if isMaildir(r.root, dir) {
		name := nameOf(levels)
		if dir == "." {
			name = imap.Inbox
		}
		r.folders = append(r.folders, folder{dir: dir, box: transfer.Mailbox{Name: name}})
	}
	for _, name := range names {
		if name == "cur" || name == "new" || name == "tmp" {
			continue
		}
		sub := path.Join(dir, name)
		info, err := r.root.Lstat(sub)
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink != 0 && (strings.HasPrefix(name, ".") || isMaildir(r.root, sub)) {
			r.warn(fmt.Sprintf("%s is a link, which is not followed", sub))
		}
		if !info.IsDir() {
			continue
		}
		more := []string{name}
		if rest, plusplus := strings.CutPrefix(name, "."); plusplus {
			if !isMaildir(r.root, sub) {
				continue // some other program's
			}
			more = strings.Split(rest, ".")
		}
		if err := r.walk(sub, slices.Concat(levels, more)); err != nil {
			return err
		}
	}
	return nil
}

// isMaildir tells whether a directory has messages, now or later.
func isMaildir(root *os.Root, dir string) bool {
	for _, sub := range []string{"cur", "new"} {
		if info, err := root.Lstat(path.Join(dir, sub)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

func (r *Reader) count(dir string) (n int64, err error) {
	for _, sub := range []string{"cur", "new"} {
		names, err := list(r.root, path.Join(dir, sub))
		if err != nil {
			return 0, err
		}
		for _, name := range names {
			if !strings.HasPrefix(name, ".") {
				n++
			}
		}
	}
	return n, nil
}

// Send gives everything to a Receiver, and closes it.
func (r *Reader) Send(ctx context.Context, to transfer.Receiver) error {
	if err := to.Account(r.account); err != nil {
		return err
	}
	for _, f := range r.folders {
		if f.box.Messages == 0 {
			continue
		}
		if err := to.Mailbox(f.box); err != nil {
			return err
		}
		if err := r.folder(ctx, f.dir, to); err != nil {
			return err
		}
	}
	return to.Close()
}

// entry is a message's file, and what is known of it.
type entry struct {
	dir, name string
	place     uint64 // among those that have one, which are first
	line      transfer.Line
	known     bool // line is set
}

// folder sends the messages of a mailbox.
func (r *Reader) folder(ctx context.Context, dir string, to transfer.Receiver) error {
	entries, err := r.entries(dir)
	if err != nil {
		return err
	}
	data, err := transfer.ReadSmall(r.root, path.Join(dir, keywordsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	words := parseKeywords(data)
	for i := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.message(&entries[i], words, to); err != nil {
			return err
		}
	}
	return nil
}

// entries lists the messages in the order of their UIDs where those are known, and then by name, which begins with the
// time of delivery.
func (r *Reader) entries(dir string) ([]entry, error) {
	places := make(map[string]uint64)
	lines := make(map[string]transfer.Line)
	err := transfer.ReadLines(r.root, path.Join(dir, linesName), func(l transfer.Line) {
		lines[l.File] = l
		places[l.File] = uint64(l.UID)
	})
	if err == nil && len(lines) == 0 {
		err = r.uidList(dir, places)
	}
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, sub := range []string{"cur", "new"} {
		names, err := list(r.root, path.Join(dir, sub))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if strings.HasPrefix(name, ".") {
				continue
			}
			base, _ := parseName(name)
			e := entry{dir: path.Join(dir, sub), name: name, place: places[base]}
			e.line, e.known = lines[base]
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, compareEntries)
	return entries, nil
}

func compareEntries(a, b entry) int {
	first := func(e entry) uint64 { return e.place - 1 } // 0 is last
	return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(seconds(a.name), seconds(b.name)), cmp.Compare(a.name, b.name))
}

// seconds is the number that a file's name begins with.
func seconds(name string) uint64 {
	digits, _, _ := strings.Cut(name, ".")
	n, _ := strconv.ParseUint(digits, 10, 63) // 0 is as good as any
	return n
}

// uidList reads dovecot-uidlist: after a first line, lines of a UID, fields, and ":" with a file's name.
func (r *Reader) uidList(dir string, places map[string]uint64) error {
	data, err := transfer.ReadSmall(r.root, path.Join(dir, "dovecot-uidlist"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		number, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		_, name, ok := strings.Cut(rest, ":")
		if uid, err := strconv.ParseUint(number, 10, 32); err == nil && ok && uid > 0 {
			base, _ := parseName(name)
			places[base] = uid
		}
	}
	return nil
}

// message sends one message. A file that has gone has been renamed by somebody who changed its flags, or deleted.
func (r *Reader) message(e *entry, words keywords, to transfer.Receiver) error {
	f, info, err := transfer.OpenRegular(r.root, path.Join(e.dir, e.name))
	if errors.Is(err, fs.ErrNotExist) && r.followRename(e) {
		f, info, err = transfer.OpenRegular(r.root, path.Join(e.dir, e.name))
	}
	if err != nil {
		r.leftOut++
		r.warn(fmt.Sprintf("%v; it is left out", err))
		return nil
	}
	_, letters := parseName(e.name)
	m := transfer.Message{Flags: append(words.decode(letters), e.line.Flags...), Date: fileDate(info.ModTime())}
	if e.known {
		m.UID, m.Date, m.Saved, m.Email, m.Exact = e.line.UID, e.line.Date, e.line.Saved, e.line.Email, e.line.Exact
	}
	err = transfer.SendFile(to, m, f, 0, info.Size())
	return errors.Join(err, f.Close())
}

// followRename finds a file under the name that it has now.
func (r *Reader) followRename(e *entry) bool {
	base, _ := parseName(e.name)
	cur := path.Join(path.Dir(e.dir), "cur")
	names, err := list(r.root, cur)
	if err != nil {
		return false
	}
	i := slices.IndexFunc(names, func(name string) bool {
		b, _ := parseName(name)
		return b == base
	})
	if i < 0 {
		return false
	}
	e.dir, e.name = cur, names[i]
	return true
}

// fileDate is the INTERNALDATE of a file's time.
func fileDate(t time.Time) transfer.Date {
	t = t.UTC()
	if y := t.Year(); y < 1 || y > 9999 {
		t = time.Unix(0, 0).UTC()
	}
	return transfer.Date(imap.DateTimeOf(t))
}

var _ io.Closer = (*Reader)(nil)
