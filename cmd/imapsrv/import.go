package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/text/unicode/norm"

	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/internal/maildir"
	"github.com/imapsrv/imapsrv/internal/mbox"
	"github.com/imapsrv/imapsrv/internal/transfer"
)

// importCommand is "import".
type importCommand struct {
	dataFlags
	User    string `required:"" placeholder:"NAME" help:"Whose account gets the mail."`
	Mailbox string `default:"INBOX" placeholder:"NAME" help:"The mailbox for an mbox that is one file (default: INBOX)."`
	Format  string `arg:"" enum:"maildir,mbox" help:"maildir or mbox."`
	Path    string `arg:"" type:"path" help:"The Maildir, the mbox file, or the directory of mbox files."`
}

// Help is the end of "import --help".
func (*importCommand) Help() string {
	return `Flags, keywords, dates, the tree of mailboxes and subscriptions come with the messages; special uses (\Sent and the like) if "imapsrv export" wrote the directory. What is in the account stays. Links are not followed.

An import that was interrupted is resumed by running it once more: a message that is in its mailbox already, with the same octets and INTERNALDATE, is not imported again. Changed flags of such a message are not imported either. Each message is imported completely or not at all.

maildir: Maildir++ (".Sub.Folder") or directories within directories; "new" and "cur"; Dovecot's keywords, subscriptions and order of UIDs are used if they are there.

mbox: "mboxrd"; the others (mboxo, mboxcl, mboxcl2) as far as they can be told apart. Content-Length is used where it is right. A directory is a tree of files; "x.sbd" has those below "x".

The status is 0 if everything was imported, and 1 if something was left out, which is said.

Examples:
  imapsrv import --user alice maildir /home/alice/Maildir
  imapsrv import --user alice --mailbox Archive/2019 mbox old.mbox`
}

// Run imports.
func (c *importCommand) Run(env environment) error {
	meter := newMeter(env, "imported")
	source, total, closeSource, err := c.open(meter)
	if err != nil {
		return err
	}
	meter.total = total
	err = c.do(env, func(a admin.Admin) error { return a.Import(env.ctx, c.User, source, meter.listener()) })
	err = errors.Join(err, closeSource())
	meter.finish(err)
	return meter.result(err)
}

// open opens the source, and returns a function that says how much of it has been read.
func (c *importCommand) open(meter *meter) (_ admin.Source, total func(transfer.Progress) float64, _ func() error, err error) {
	if c.Format == "maildir" {
		r, err := maildir.Open(c.Path, meter.warn)
		if err != nil {
			return nil, nil, nil, err
		}
		total = func(p transfer.Progress) float64 {
			return float64(p.Messages+p.Present+p.LeftOut) / float64(max(1, r.Total()))
		}
		end := func() error {
			meter.missed(r.LeftOut())
			return r.Close()
		}
		return r.Send, total, end, nil
	}
	r, err := mbox.Open(c.Path, c.Mailbox, meter.warn)
	if err != nil {
		return nil, nil, nil, err
	}
	total = func(transfer.Progress) float64 {
		all, read := r.Octets()
		return float64(read) / float64(max(1, all))
	}
	return r.Send, total, r.Close, nil
}

// exportCommand is "export".
type exportCommand struct {
	dataFlags
	User   string `required:"" placeholder:"NAME" help:"Whose account it is."`
	Format string `arg:"" enum:"maildir,mbox" help:"maildir or mbox."`
	Path   string `arg:"" type:"path" help:"A directory that does not exist or is empty, or one where an export of the same account was interrupted."`
}

// Help is the end of "export --help".
func (*exportCommand) Help() string {
	return `The tree of mailboxes with all messages, flags, keywords, dates, subscriptions and special uses. "imapsrv import" makes the same account of it, UIDs aside. What Maildir or mbox cannot say is in files of JSON beside the messages: imapsrv-account.json, and one for each mailbox.

An export that was interrupted is resumed by running it once more; messages that are there already stay as they are. Nothing is ever overwritten: an export that is complete, or anything else in the directory, is refused.

maildir: Maildir++, which Dovecot, Courier and mutt read. mbox: "mboxrd", one file for each mailbox, with Status, X-Status and X-Keywords in front of each message.

The status is 0 if everything was exported, and 1 if something was left out, which is said.

Example:
  imapsrv export --user alice maildir /tmp/alice`
}

// receiver is what both formats write with.
type receiver interface {
	transfer.Receiver
	Done() transfer.Progress
	Abort()
}

// Run exports.
func (c *exportCommand) Run(env environment) (err error) {
	meter := newMeter(env, "exported")
	if err := c.mustExist(); err != nil {
		return err
	}
	err = c.look(env, func(a admin.Admin) error { return c.export(env.ctx, a, meter) })
	meter.finish(err)
	return meter.result(err)
}

func (c *exportCommand) export(ctx context.Context, a admin.Admin, meter *meter) (err error) {
	// Nothing is made for a user who does not exist.
	if err := c.known(ctx, a); err != nil {
		return err
	}
	target, err := transfer.OpenTarget(c.Path, c.Format, c.User)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if target.Resumed {
		meter.warn("an export to " + c.Path + " was interrupted, and goes on")
	}
	var to receiver
	var have transfer.Have
	if c.Format == "maildir" {
		to, have, err = maildir.NewWriter(target, meter.listener())
	} else {
		to, have, err = mbox.NewWriter(target, meter.listener())
	}
	if err != nil {
		return err
	}
	meter.last = to.Done()
	counted := &counting{receiver: to, meter: meter}
	meter.total = counted.part
	err = a.Export(ctx, c.User, have, counted, meter.leftOut)
	to.Abort()
	meter.last = to.Done()
	return err
}

func (c *exportCommand) known(ctx context.Context, a admin.Admin) error {
	list, err := a.ListUsers(ctx)
	if err != nil {
		return err
	}
	for _, user := range list {
		if user.Name == norm.NFC.String(c.User) {
			return nil
		}
	}
	return fmt.Errorf("there is no user %q", c.User)
}

// counting is a receiver that learns how many messages there are.
type counting struct {
	receiver
	meter    *meter
	messages int64
}

// Account counts.
func (c *counting) Account(a transfer.Account) error {
	for _, m := range a.Mailboxes {
		c.messages += m.Messages
	}
	return c.receiver.Account(a)
}

func (c *counting) part(p transfer.Progress) float64 {
	return float64(p.Messages+p.Present) / float64(max(1, c.messages))
}
