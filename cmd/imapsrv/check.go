package main

import (
	"errors"
	"fmt"

	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// checkCommand is "check".
type checkCommand struct {
	dataFlags
	Repair bool `help:"Repair what can be repaired. What is lost is said."`
}

// Help is the end of "check --help".
func (*checkCommand) Help() string {
	return `Everything is read: the list of users and its copies beside the accounts; each account's database, packed rows, counters, references and segments; each message's octets against their hash. Each problem is a line. What --repair cannot bring back it says: restore that from a backup.

The status is 0 if there are no problems or all have been repaired, 1 if there are some or it could not go on, and 2 for a command line that cannot be obeyed.

A list of users that cannot be read is put aside (server.db.damaged-...), and made anew from the accounts. A backup that is checked without --repair can still be brought up to date.`
}

// Run checks a data directory.
func (c *checkCommand) Run(env environment) error {
	found, left := 0, 0
	if err := c.mustExist(); err != nil {
		return err
	}
	a, err := admin.ConnectToCheck(env.ctx, c.dir(), sqlitestore.Options{Logger: logger(env)}, c.Repair)
	if err != nil {
		return err
	}
	err = a.Check(env.ctx, c.Repair, func(p sqlitestore.Problem) {
		found++
		if !p.Repaired {
			left++
		}
		fmt.Fprintln(env.stdout, p)
	})
	err = errors.Join(err, a.Close())
	switch {
	case err != nil:
		return err
	case left > 0 && !c.Repair:
		return fmt.Errorf("problems: %d (`imapsrv check --repair` repairs what can be repaired)", found)
	case left > 0:
		return fmt.Errorf("problems: %d, of which %d could not be repaired", found, left)
	case found > 0:
		fmt.Fprintf(env.stdout, "all problems are repaired: %d\n", found)
	default:
		fmt.Fprintln(env.stdout, "no problems")
	}
	return nil
}
