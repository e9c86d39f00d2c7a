// Command imapsrv is an IMAP server: IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051) over a mail store.
//
//	imapsrv user add alice                the first user of ./imapsrv-data
//	imapsrv serve                         on 127.0.0.1:1143; with a certificate, on :993
//	imapsrv serve --stdio --user alice    already authenticated, on standard input and output
//	imapsrv serve --demo                  anybody, in memory, on 127.0.0.1:1193 and, with TLS, 127.0.0.1:1993
//
// "imapsrv --help" has the rest.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve IMAP: the mail in a data directory, or samples to anybody on this machine (--demo)."`
	User    userCommands   `cmd:"" help:"Add, change, list and remove users, also while a server runs."`
	Deliver deliverCommand `cmd:"" help:"Deliver a message on standard input to a user, also while a server runs."`
	Import  importCommand  `cmd:"" help:"Import a user's mail from Maildir or mbox, also while a server runs."`
	Export  exportCommand  `cmd:"" help:"Export a user's mail to Maildir or mbox, also while a server runs."`
	Backup  backupCommand  `cmd:"" help:"Copy all mail and users to another directory, also while a server runs."`
	Check   checkCommand   `cmd:"" help:"Read all mail and say what is damaged, also while a server runs."`
	Config  configCommands `cmd:"" help:"Print a sample config file, or check one."`
	Version versionCommand `cmd:"" help:"Print which imapsrv this is."`
}

// environment is what commands know of the world.
type environment struct {
	ctx    context.Context // ends with the first signal to stop
	stdin  io.Reader
	stdout io.WriteCloser
	stderr io.Writer
}

const description = `An IMAP server: IMAP4rev1 and IMAP4rev2, with mail and users in a directory.`

// gcPercent is how much garbage may gather beside what is in use, unless GOGC says otherwise. Most of a server's memory
// belongs to connections that are idle; half of Go's default makes 5,000 of them with TLS cost 16 KiB each instead of
// 22, and commands hardly allocate.
const gcPercent = 50

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one ends the program at once.
	context.AfterFunc(ctx, stop)
	code := run(os.Args[1:], environment{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr})
	stop()
	os.Exit(code)
}

// run parses a command line and obeys it. The result is the exit status: 0, 1 for a failure, 2 for a command line that
// cannot be obeyed, or what an exitError says.
func run(args []string, env environment) int {
	var line commands
	exited := -1
	parser, err := kong.New(&line,
		kong.Name("imapsrv"),
		kong.Description(description),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(env.stdout, env.stderr),
		kong.Exit(func(code int) { exited = code }), // --help asks for it
	)
	if err != nil {
		panic(err) // the structs above are wrong, whatever the arguments
	}
	for _, arg := range args {
		if !utf8.ValidString(arg) { // the library would take it for another one, with U+FFFD
			return refuse(parser, fmt.Errorf("%q is not UTF-8", arg))
		}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		return refuse(parser, err)
	}
	err = parsed.Run(env)
	if usage := (usageError{}); errors.As(err, &usage) {
		return refuse(parser, err)
	}
	if exit := (exitError{}); errors.As(err, &exit) {
		parser.Errorf("%s", err)
		return exit.status
	}
	if err != nil {
		parser.Errorf("%s", err)
		return 1
	}
	return 0
}

// usageError is a command line that was understood and cannot be obeyed.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func refuse(parser *kong.Kong, err error) int {
	parser.Errorf("%s", err)
	parser.Errorf("`imapsrv --help` lists the commands, `imapsrv serve --help` what serve takes.")
	return 2
}
