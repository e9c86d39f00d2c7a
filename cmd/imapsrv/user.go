package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/imapsrv/imapsrv/internal/admin"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// userCommands is "user".
type userCommands struct {
	Add    userAdd    `cmd:"" help:"Add a user, with INBOX, Drafts, Sent, Junk, Trash and Archive."`
	Passwd userPasswd `cmd:"" help:"Change a user's password. Sessions of the user end."`
	List   userList   `cmd:"" help:"List users: when they were added, when their passwords were set."`
	Del    userDel    `cmd:"" help:"Remove a user, whose sessions end. The mail stays unless --purge is given."`
}

type userAdd struct {
	dataFlags
	Name string `arg:"" help:"What the user logs in with."`
}

// Help is the end of "user add --help".
func (*userAdd) Help() string {
	return `The password is asked for twice, or is the first line of standard input if that is no terminal. It is kept as an argon2id hash and as the keys of SCRAM-SHA-256, never as it is. The data directory is made if it does not exist.

If there is mail of a user of this name who was removed before, it is the new user's.

Examples:
  imapsrv user add alice
  imapsrv user add alice@example.org --data /var/lib/imapsrv
  pass show mail/alice | imapsrv user add alice`
}

// Run adds a user.
func (c *userAdd) Run(env environment) error {
	password, err := readPassword(env, c.Name)
	if err != nil {
		return err
	}
	reached, err := c.connect(env.ctx, logger(env))
	if err != nil {
		return err
	}
	return errors.Join(reached.AddUser(env.ctx, c.Name, password), reached.Close())
}

type userPasswd struct {
	dataFlags
	Name string `arg:"" help:"Whose password it is."`
}

// Help is the end of "user passwd --help".
func (*userPasswd) Help() string {
	return `The password is asked for twice, or is the first line of standard input if that is no terminal. From then on the old one is of no use, and sessions that it has begun are told BYE.

Examples:
  imapsrv user passwd alice
  imapsrv user passwd alice < new-password`
}

// Run changes a password.
func (c *userPasswd) Run(env environment) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	password, err := readPassword(env, c.Name)
	if err != nil {
		return err
	}
	return c.do(env, func(a admin.Admin) error { return a.SetPassword(env.ctx, c.Name, password) })
}

type userList struct {
	dataFlags
	JSON bool `name:"json" help:"Print a JSON array for programs instead of a table: name, account, created, password_changed."`
}

// listedUser is a user as --json prints it.
type listedUser struct {
	Name    string    `json:"name"`
	Account string    `json:"account"`
	Created time.Time `json:"created"`
	Changed time.Time `json:"password_changed"`
}

// Run lists users.
func (c *userList) Run(env environment) error {
	return c.look(env, func(a admin.Admin) error {
		list, err := a.ListUsers(env.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printUsersJSON(env.stdout, list)
		}
		return printUsers(env.stdout, list)
	})
}

func printUsersJSON(w io.Writer, list []sqlitestore.User) error {
	out := []listedUser{} // never null
	for _, u := range list {
		out = append(out, listedUser{u.Name, u.Account, u.Created.UTC(), u.Changed.UTC()})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// printUsers prints a table, whose last column can hold any name.
func printUsers(w io.Writer, list []sqlitestore.User) error {
	out := bufio.NewWriter(w)
	if len(list) == 0 {
		fmt.Fprintln(out, "There are no users. `imapsrv user add NAME` adds one.")
	} else {
		fmt.Fprintln(out, "CREATED     PASSWORD    NAME")
	}
	for _, u := range list {
		fmt.Fprintf(out, "%s  %s  %s\n", u.Created.Format(time.DateOnly), u.Changed.Format(time.DateOnly), u.Name)
	}
	return out.Flush()
}

type userDel struct {
	dataFlags
	Name  string `arg:"" help:"Who is to be removed."`
	Purge bool   `help:"Remove all of the user's mail as well. There is no way back."`
}

// Help is the end of "user del --help".
func (*userDel) Help() string {
	return `Sessions of the user are told BYE, nobody can log in as the user any more, and mail for the user is refused. Without --purge the mail stays in the data directory, and is found again by "imapsrv user add" with the same name. --purge removes it, also that of a user who was removed before.

Examples:
  imapsrv user del alice
  imapsrv user del alice --purge`
}

// Run removes a user.
func (c *userDel) Run(env environment) error {
	return c.do(env, func(a admin.Admin) error { return a.RemoveUser(env.ctx, c.Name, c.Purge) })
}

// do runs one operation on a data directory that exists.
func (d dataFlags) do(env environment, operation func(admin.Admin) error) error {
	return d.doWith(env, sqlitestore.Options{}, operation)
}

// look is do for an operation that only reads: a backup remains one that can be brought up to date.
func (d dataFlags) look(env environment, operation func(admin.Admin) error) error {
	return d.doWith(env, sqlitestore.Options{Inspect: true}, operation)
}

func (d dataFlags) doWith(env environment, options sqlitestore.Options, operation func(admin.Admin) error) error {
	if err := d.mustExist(); err != nil {
		return err
	}
	options.Logger = logger(env)
	reached, err := admin.Connect(env.ctx, d.dir(), options)
	if err != nil {
		return err
	}
	return errors.Join(operation(reached), reached.Close())
}

// readPassword asks for a password, twice, or takes the first line of a standard input that is no terminal.
func readPassword(env environment, name string) (string, error) {
	if file, ok := env.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return askPassword(env, file, name)
	}
	const most = 4096
	line, err := bufio.NewReader(io.LimitReader(env.stdin, most)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", errors.New("there is no password on standard input")
	}
	return line, nil
}

func askPassword(env environment, terminal *os.File, name string) (string, error) {
	var answers [2]string
	for i, question := range []string{"Password for " + name + ": ", "Once more: "} {
		fmt.Fprint(env.stderr, question)
		answer, err := term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(env.stderr)
		if err != nil {
			return "", err
		}
		answers[i] = string(answer)
	}
	if answers[0] != answers[1] {
		return "", errors.New("these were two different passwords")
	}
	return answers[0], nil
}
