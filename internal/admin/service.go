package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// Service works on a data directory that this process owns.
type Service struct {
	// Store has the mail.
	Store *sqlitestore.Store
	// Users says who may log in.
	Users *sqlitestore.Users
	// Sessions is the server whose sessions end when their user is removed, or has a new password. Nil for none.
	Sessions *session.Server

	dir string
}

// Open takes a data directory, which is made if it does not exist. One that another process has is refused with that
// process's number.
func Open(dir string, options sqlitestore.Options) (*Service, error) {
	return open(dir, options, false)
}

// open is Open, or opens a directory whose list of users is damaged as well: that can be checked, and nothing else.
func open(dir string, options sqlitestore.Options, damaged bool) (*Service, error) {
	options.Summarizer = session.Summarizer()
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	mail, err := sqlitestore.Open(dir, options)
	if err != nil {
		return nil, err
	}
	list, err := mail.Users()
	if err != nil && !(damaged && store.IsCode(err, store.Corruption)) {
		if store.IsCode(err, store.Corruption) {
			err = fmt.Errorf("%w (`imapsrv check --repair` repairs it)", err)
		}
		return nil, errors.Join(err, mail.Close())
	}
	return &Service{Store: mail, Users: list, dir: dir}, nil
}

// Close gives the directory back.
func (s *Service) Close() error { return s.Store.Close() }

// checkName refuses names that cannot be told from others when they are read, or that clients have trouble with.
func checkName(name string) error {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) || strings.TrimSpace(name) != name {
		return &Error{Kind: Refused, Text: fmt.Sprintf("%q is no name for a user: it needs printable characters, and no space at either end", name)}
	}
	return nil
}

// specialUse are the mailboxes that every user begins with, beside INBOX.
var specialUse = []store.NewMailbox{
	{Name: "Drafts", Use: store.UseDrafts, Subscribe: true},
	{Name: "Sent", Use: store.UseSent, Subscribe: true},
	{Name: "Junk", Use: store.UseJunk, Subscribe: true},
	{Name: "Trash", Use: store.UseTrash, Subscribe: true},
	{Name: "Archive", Use: store.UseArchive, Subscribe: true},
}

// AddUser makes a user with an account. An account that is there already, of a user who was removed, is theirs again.
func (s *Service) AddUser(ctx context.Context, name, password string) error {
	name = norm.NFC.String(name)
	if err := checkName(name); err != nil {
		return err
	}
	switch _, err := s.user(ctx, name); {
	case err == nil:
		return &Error{Kind: Refused, Text: fmt.Sprintf("there is a user %q already", name)}
	case KindOf(err) != NoUser:
		return err
	}
	boxes := append([]store.NewMailbox{{Name: store.Inbox, Subscribe: true}}, specialUse...)
	err := s.Store.CreateAccount(ctx, name, store.Setup{Mailboxes: boxes})
	if store.IsCode(err, store.AlreadyExists) {
		err = s.complete(ctx, name)
	}
	if err != nil {
		return err
	}
	return s.Users.Add(ctx, name, name, imap.Secret(password))
}

// complete gives an account those special-use mailboxes that it lacks.
func (s *Service) complete(ctx context.Context, name string) (err error) {
	account, err := s.Store.Account(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, account.Close()) }()
	for _, box := range specialUse {
		if _, err := account.Create(ctx, box); err != nil && !store.IsCode(err, store.AlreadyExists) {
			return err
		}
	}
	return nil
}

// SetPassword changes a user's password. Sessions that began with the old one end: whoever has learned it is out.
func (s *Service) SetPassword(ctx context.Context, name, password string) error {
	name, err := s.user(ctx, name)
	if err != nil {
		return err
	}
	if err := s.Users.SetPassword(ctx, name, imap.Secret(password)); err != nil {
		return err
	}
	s.endSessions(ctx, name, "Your password has changed: log in again", false)
	return nil
}

// farewellTime is how long a change waits for sessions that it ends. They end after that, too.
const farewellTime = 5 * time.Second

// endSessions ends a user's sessions after a change to the list of users.
func (s *Service) endSessions(ctx context.Context, name string, reason session.Reason, tunnels bool) {
	if s.Sessions == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, farewellTime)
	defer cancel()
	_ = s.Sessions.EndUser(ctx, name, reason, tunnels) // what is done is done; a session that hangs ends when it can
}

// ListUsers returns all users by name.
func (s *Service) ListUsers(ctx context.Context) ([]sqlitestore.User, error) {
	return s.Users.List(ctx)
}

// RemoveUser removes a user, whose sessions end. The mail stays, and is found again by who is added under the same name, unless purge is
// set: then every mailbox and message goes, too, and their octets. Purging also
// works for the account of a user who was removed before.
func (s *Service) RemoveUser(ctx context.Context, name string, purge bool) error {
	name, unknown := s.user(ctx, name)
	switch {
	case unknown == nil:
		if err := s.Users.Delete(ctx, name); err != nil {
			return err
		}
		s.endSessions(ctx, name, "This user has been removed", true)
	case !purge || KindOf(unknown) != NoUser:
		return unknown
	}
	if !purge {
		return nil
	}
	err := s.purge(ctx, name)
	if store.IsCode(err, store.NonExistent) {
		return unknown
	}
	return err
}

// user returns a user's name in its one spelling, or NoUser with it.
func (s *Service) user(ctx context.Context, name string) (string, error) {
	name = norm.NFC.String(name)
	user, _, err := s.Users.SCRAM(ctx, name)
	if err == nil && user.Name == "" {
		err = &Error{Kind: NoUser, Text: fmt.Sprintf("there is no user %q", name)}
	}
	return name, err
}

// Tunnel serves one session, authenticated as a user, on a stream.
func (s *Service) Tunnel(ctx context.Context, server *session.Server, name string, stream io.ReadWriteCloser) error {
	name, err := s.user(ctx, name)
	if err != nil {
		return err
	}
	return server.ServeConn(stream, session.Listener{Name: "tunnel"}, &session.Identity{Account: name, User: name})
}

// Check reads every account and reports what is damaged; with repair, it repairs what can be. Sessions go on meanwhile.
func (s *Service) Check(ctx context.Context, repair bool, report func(sqlitestore.Problem)) error {
	return s.Store.Check(ctx, repair, report)
}

// Is tells whether a directory has the files of a data directory, so that no command makes one by mistake.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "accounts"))
	return err == nil
}
