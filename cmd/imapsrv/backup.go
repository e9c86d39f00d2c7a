package main

import (
	"fmt"
	"path/filepath"

	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// backupCommand is "backup".
type backupCommand struct {
	dataFlags
	Dest string `arg:"" type:"path" help:"A directory that does not exist or is empty, or an earlier backup, which is brought up to date."`
}

// Help is the end of "backup --help".
func (*backupCommand) Help() string {
	return `Each account is copied as it is at one moment after the command began, with everything that was acknowledged before; clients go on meanwhile. A server that runs writes the copy, so DEST must be a place where it can. Everything is on the disk when the command ends with status 0; it is 1 if something could not be copied, which is said.

Bringing an earlier backup up to date copies the databases and what has been added since. If that is interrupted, run it once more.

To restore, serve the backup: "imapsrv serve --data DEST", or copy it to where the mail was. Clients then fetch everything anew (UIDVALIDITY): what came after the backup is gone, and its UIDs are given to other messages. From then on it is no backup that can be brought up to date. "imapsrv check --data DEST" without --repair, "user list" and "export" leave it one.

Example, daily:
  imapsrv backup --data /var/lib/imapsrv /mnt/backup/imapsrv`
}

// Run makes a backup.
func (c *backupCommand) Run(env environment) error {
	dest, err := filepath.Abs(c.Dest)
	if err != nil {
		return err
	}
	var accounts, problems int
	var copied, kept int64
	err = c.do(env, func(a admin.Admin) error {
		return a.Backup(env.ctx, dest, func(s sqlitestore.Saved) {
			accounts++
			copied += s.Copied
			kept += s.Kept
			if s.Problem != "" {
				problems++
				fmt.Fprintf(env.stderr, "imapsrv: account %q: %s\n", s.Account, printable(s.Problem))
			}
		})
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "accounts: %d, copied: %.1f MB, there already: %.1f MB\n", accounts, float64(copied)/1e6, float64(kept)/1e6)
	if problems > 0 {
		return fmt.Errorf("accounts with damage: %d (`imapsrv check --repair` repairs what can be repaired)", problems)
	}
	return nil
}
