package maildir

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store"
)

// linesName is the file of lines in each mailbox.
const linesName = "imapsrv-messages.jsonl"

// encodedDot stands for a dot within a level.
const encodedDot = "&AC4-"

// dirName is the directory of a mailbox.
func dirName(name string, attempt int) string {
	if name == store.Inbox {
		return "."
	}
	levels := strings.Split(name, store.Separator)
	for i, level := range levels {
		levels[i] = strings.ReplaceAll(imap.EncodeMailbox(level, false), ".", encodedDot)
	}
	dir := "." + strings.Join(levels, ".")
	if attempt > 0 || len(dir) > transfer.LongestName || strings.ContainsAny(dir, `/\:*?"<>|`) || strings.HasSuffix(dir, " ") {
		return "." + transfer.HashedName(name, attempt)
	}
	return dir
}

// nameOf is the mailbox of a directory's path, level by level, if nothing says better.
func nameOf(levels []string) string {
	var names []string
	for _, level := range levels {
		names = append(names, decodeLevel(level))
	}
	return strings.Join(names, store.Separator)
}

func decodeLevel(level string) string {
	level = strings.ReplaceAll(level, encodedDot, ".")
	name, err := imap.DecodeMailbox(level, false)
	if err != nil {
		name = norm.NFC.String(strings.ToValidUTF8(level, "\uFFFD"))
	}
	return strings.ReplaceAll(name, store.Separator, "_") // within a level, it cannot be kept
}

// infoMark stands between the unique part of a file's name and its flags.
var infoMark = func() string {
	if runtime.GOOS == "windows" {
		return ";2,"
	}
	return ":2,"
}()

// parseName takes a file's name apart.
func parseName(file string) (base, flags string) {
	for _, mark := range []string{":2,", ";2,", "!2,"} {
		if i := strings.LastIndex(file, mark); i >= 0 {
			return file[:i], file[i+len(mark):]
		}
	}
	return file, ""
}

// letters are the flags of Maildir, in the order in which they must be.
var letters = []struct {
	letter byte
	flag   imap.Flag
}{
	{'D', imap.FlagDraft}, {'F', imap.FlagFlagged}, {'P', imap.FlagForwarded},
	{'R', imap.FlagAnswered}, {'S', imap.FlagSeen}, {'T', imap.FlagDeleted},
}

// keywords is the list of dovecot-keywords: letter 'a' is the first.
type keywords []string

// maxKeywords is how many have a letter.
const maxKeywords = 26

const keywordsName = "dovecot-keywords"

// encode returns the letters of flags, and those flags that have none. It adds keywords that are new while there is room.
func (k *keywords) encode(names []string) (info string, rest []string) {
	set := imap.FlagsOf(names...)
	var b []byte
	for _, l := range letters {
		if set.Has(l.flag) {
			b = append(b, l.letter)
		}
	}
	var own []byte
	for _, name := range names {
		bit, known := imap.FlagBit(name)
		if known && slices.ContainsFunc(letters, func(l struct {
			letter byte
			flag   imap.Flag
		}) bool {
			return l.flag == bit
		}) {
			continue
		}
		i := slices.Index(*k, name)
		if i < 0 && len(*k) < maxKeywords && !strings.ContainsAny(name, "\r\n") {
			i = len(*k)
			*k = append(*k, name)
		}
		if i < 0 {
			rest = append(rest, name)
			continue
		}
		own = append(own, 'a'+byte(i))
	}
	slices.Sort(own)
	return string(b) + string(own), rest
}

// decode returns the flags that letters stand for.
func (k keywords) decode(info string) []string {
	info, _, _ = strings.Cut(info, ",") // some append fields of their own
	var names []string
	for i := range len(info) {
		c := info[i]
		for _, l := range letters {
			if l.letter == c {
				names = append(names, l.flag.String())
			}
		}
		if n := int(c) - 'a'; n >= 0 && n < len(k) && k[n] != "" {
			names = append(names, k[n])
		}
	}
	return names
}

// parseKeywords reads dovecot-keywords: a number, a space and a keyword on each line.
func parseKeywords(data []byte) keywords {
	k := make(keywords, 0, maxKeywords)
	for line := range strings.Lines(string(data)) {
		number, name, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= maxKeywords || name == "" {
			continue
		}
		for len(k) <= n {
			k = append(k, "")
		}
		k[n] = name
	}
	return k
}

func (k keywords) String() string {
	var b strings.Builder
	for i, name := range k {
		if name != "" {
			b.WriteString(strconv.Itoa(i) + " " + name + "\n")
		}
	}
	return b.String()
}

// uidOf is the UID in the name of a file that we have written.
func uidOf(base string) (imap.UID, bool) {
	_, rest, ok := strings.Cut(base, ".V")
	if !ok {
		return 0, false
	}
	mark, rest, ok := strings.Cut(rest, ".")
	if !ok || !strings.HasPrefix(rest, ourHost) {
		return 0, false
	}
	_, uid, ok := strings.Cut(mark, "U")
	n, err := strconv.ParseUint(uid, 10, 32)
	return imap.UID(n), ok && err == nil && n > 0
}

// ourHost is where a file's name usually has the host's.
const ourHost = "imapsrv"
