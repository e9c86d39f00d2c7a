package main

import (
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
	return `Every account is read: its database, counters, references, and each message's octets against their hash. Each problem is a line. The status is 0 if there are none or all have been repaired, and 1 otherwise.`
}

// Run checks a data directory.
func (c *checkCommand) Run(env environment) error {
	found, left := 0, 0
	err := c.do(env, func(a admin.Admin) error {
		return a.Check(env.ctx, c.Repair, func(p sqlitestore.Problem) {
			found++
			if !p.Repaired {
				left++
			}
			fmt.Fprintln(env.stdout, p)
		})
	})
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
