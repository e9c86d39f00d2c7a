package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"net/mail"
	"time"

	"github.com/imapsrv/imapsrv/imap"
)

//go:embed messages/*.eml
var files embed.FS

// Sample is one message of the sample mailbox.
type Sample struct {
	// Name is the file's name, which says what the message is there to show.
	Name string
	// Body is the message as it is stored, with CRLF line ends.
	Body []byte
	// Flags are the flags that it starts with.
	Flags imap.FlagSet
	// InternalDate is when it "arrived": the time of its Date header.
	InternalDate time.Time
}

// flags are those of the sample messages, by position: three have been read, so that the first unseen one is the
// fourth.
var flags = []imap.FlagSet{
	{Bits: imap.FlagSeen | imap.FlagAnswered},
	{Bits: imap.FlagSeen},
	{Bits: imap.FlagSeen | imap.FlagFlagged},
	7: {},
}

// firstRecent is the UID of the first sample message that is \Recent: it and all after it.
const firstRecent = 5

// Samples returns the 8 messages of the sample mailbox in their order. They are read from the program itself, so an
// error means that the program was built from a broken tree.
func Samples() ([]Sample, error) {
	names, err := fs.Glob(files, "messages/*.eml") // sorted
	if err != nil {
		return nil, err
	}
	if len(names) != len(flags) {
		return nil, fmt.Errorf("demo: %d sample messages, want %d", len(names), len(flags))
	}
	samples := make([]Sample, len(names))
	for i, name := range names {
		if samples[i], err = readSample(name); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", name, err)
		}
		samples[i].Flags = flags[i]
	}
	return samples, nil
}

func readSample(name string) (Sample, error) {
	file, err := files.Open(name)
	if err != nil {
		return Sample{}, err
	}
	defer file.Close()
	message, err := mail.ReadMessage(file)
	if err != nil {
		return Sample{}, err
	}
	date, err := message.Header.Date()
	if err != nil {
		return Sample{}, err
	}
	body, err := files.ReadFile(name)
	return Sample{Name: name, Body: body, InternalDate: date}, err
}
