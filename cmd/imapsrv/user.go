package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/imapsrv/imapsrv/internal/admin"
)

// userCommands is "user".
type userCommands struct {
	Add    userAdd    `cmd:"" help:"Add a user, with INBOX, Drafts, Sent, Junk, Trash and Archive. The password is asked for, or the first line of standard input."`
	Passwd userPasswd `cmd:"" help:"Change a user's password."`
	List   userList   `cmd:"" help:"List users: name, tab, day of creation."`
	Del    userDel    `cmd:"" help:"Remove a user. The mail stays, and belongs to whoever is added under the same name, unless --purge is given."`
}

type userAdd struct {
	dataFlags
	Name string `arg:"" help:"What the user logs in with."`
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

type userList struct{ dataFlags }

// Run lists users.
func (c *userList) Run(env environment) error {
	return c.do(env, func(a admin.Admin) error {
		list, err := a.ListUsers(env.ctx)
		if err != nil {
			return err
		}
		out := bufio.NewWriter(env.stdout)
		for _, user := range list {
			fmt.Fprintf(out, "%s\t%s\n", user.Name, user.Created.Format(time.DateOnly))
		}
		return out.Flush()
	})
}

type userDel struct {
	dataFlags
	Name  string `arg:"" help:"Who is to be removed."`
	Purge bool   `help:"Remove all of the user's mail as well. There is no way back."`
}

// Run removes a user.
func (c *userDel) Run(env environment) error {
	return c.do(env, func(a admin.Admin) error { return a.RemoveUser(env.ctx, c.Name, c.Purge) })
}

// do runs one operation on a data directory that exists.
func (d dataFlags) do(env environment, operation func(admin.Admin) error) error {
	reached, err := d.connectExisting(env.ctx, logger(env))
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
