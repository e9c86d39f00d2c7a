package main

import (
	"github.com/imapsrv/imapsrv/internal/admin"
)

// deliverCommand is "deliver".
type deliverCommand struct {
	dataFlags
	User string `required:"" placeholder:"NAME" help:"Whose INBOX gets the message."`
}

// Help is the end of "deliver --help".
func (*deliverCommand) Help() string {
	return `The message is durable when the command ends with status 0, and clients that wait for mail (IDLE) are told at once. Lines may end in LF; they are stored with CRLF. Other statuses are those of sysexits.h, as mail transfer agents expect them: 67 no such user, 69 refused for good, 75 try again later.

Example, in Postfix's master.cf:
  imapsrv unix - n n - - pipe user=imapsrv argv=imapsrv deliver --data /var/lib/imapsrv --user ${user}`
}

// The statuses of sysexits.h that mail transfer agents know.
const (
	exitNoUser      = 67
	exitUnavailable = 69
	exitTempFail    = 75
)

// Run delivers standard input.
func (c *deliverCommand) Run(env environment) error {
	err := c.do(env, func(a admin.Admin) error { return a.Deliver(env.ctx, c.User, env.stdin) })
	if err == nil {
		return nil
	}
	switch admin.KindOf(err) {
	case admin.NoUser:
		return exitError{exitNoUser, err}
	case admin.Refused, admin.TooBig:
		return exitError{exitUnavailable, err}
	}
	// A quota that is exceeded now may not be in an hour; what is broken may be repaired. The message must not be lost.
	return exitError{exitTempFail, err}
}

// exitError is an error with an exit status of its own.
type exitError struct {
	status int
	error
}

// Unwrap returns the error without its status.
func (e exitError) Unwrap() error { return e.error }
