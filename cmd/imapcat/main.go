// Command imapcat makes the octets of IMAP connections readable: what a client or a server sent, as captured from the
// network or as written by "imapsrv serve --trace", unit by unit, as text or as JSON.
//
//	imapcat --from client session.client
//	imapcat --from server --json < captured
//	imapcat --client session.client --server session.server
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// commandLine is what imapcat can be told.
type commandLine struct {
	From        string   `placeholder:"SIDE" enum:"client,server," default:"" help:"Who sent the octets: client or server."`
	Files       []string `arg:"" optional:"" name:"file" help:"Files to read, each of them one stream; standard input without any, or for -."`
	Client      string   `placeholder:"FILE" help:"What the client of a connection sent; goes with --server."`
	Server      string   `placeholder:"FILE" help:"What the server of that connection sent. Both sides are shown in turn, and every completion with its command."`
	JSON        bool     `name:"json" help:"Write one JSON object a line."`
	ShowSecrets bool     `help:"Show passwords and AUTHENTICATE exchanges, which are replaced by [redacted] otherwise."`
	Lenient     bool     `help:"Read what servers send although the grammar forbids it, and say what that was."`
	LF          bool     `name:"lf" help:"Take lines that end in LF without CR, as text tools leave them."`
}

// Help is the end of --help.
func (*commandLine) Help() string {
	return `Every command, response, or line within a command is one line of output: its offset in the stream, its type, and its text. Literals are cut in text; those above 64 KiB are not kept, JSON has their length and SHA-256. What does not decode is reported, and the next unit is read.

JSON objects have "offset", "length", "tag", "type", "value" and "encoded", which is the unit as an encoder writes it, or "offset" and an "error" with "offset" (from the start of the unit), "rule" and "message". Octets that are no UTF-8 are {"base64": "…"}. Objects of several files have "file", those of both sides "from", completions "completes", and what was read with --lenient "diagnostics": "offset" (from the start of the unit), "rule", "quirk", "original" and "read".

The exit status is 0 if everything was decoded and nothing was left incomplete, 1 if not, 2 for a wrong command line. Colours are for terminals, and off if NO_COLOR is set.

Examples:
  imapsrv serve --demo --trace /tmp/trace
  imapcat --client /tmp/trace/NAME.client --server /tmp/trace/NAME.server
  imapcat --from server --json NAME.server | jq 'select(.type == "FetchData") | .value.UID'
  printf 'a1 UID FETCH 1:* (FLAGS)\r\n' | imapcat --from client
  imapcat --from client --lf pasted.txt`
}

// environment is what the program knows of the world.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	colour         bool // for text
}

func main() {
	env := environment{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, colour: wantsColour(os.Stdout)}
	os.Exit(run(os.Args[1:], env))
}

// wantsColour reports whether a file is a terminal of somebody who likes colours (https://no-color.org).
func wantsColour(f *os.File) bool {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// run obeys a command line and returns the exit status.
func run(args []string, env environment) int {
	var line commandLine
	exited := -1
	parser, err := kong.New(&line,
		kong.Name("imapcat"),
		kong.Description("Make the octets of IMAP connections readable."),
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100}),
		kong.Writers(env.stdout, env.stderr),
		kong.Exit(func(code int) { exited = code }), // --help asks for it
	)
	if err != nil {
		panic(err) // the struct above is wrong, whatever the arguments
	}
	_, err = parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err == nil {
		err = line.check()
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "imapcat: %v\nimapcat: see `imapcat --help`\n", err)
		return 2
	}
	return line.cat(env)
}

// check refuses combinations that mean nothing.
func (c *commandLine) check() error {
	both := c.Client != "" || c.Server != ""
	switch {
	case both && (c.From != "" || len(c.Files) > 0):
		return fmt.Errorf("--client and --server are for both sides of a connection, --from SIDE [FILE…] for one of them")
	case both && (c.Client == "" || c.Server == ""):
		return fmt.Errorf("--client and --server belong together; for one side: --from client FILE, --from server FILE")
	case !both && c.From == "":
		return fmt.Errorf("who sent the octets? --from client, --from server, or --client FILE --server FILE")
	}
	return nil
}
