package main

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/store"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// settings are how a server that listens is set up: what a config file can say. The tag conf marks what belongs there.
type settings struct {
	Listen    []string `conf:"" group:"Addresses" sep:"none" placeholder:"ADDR" help:"Address to listen on without TLS, where STARTTLS is offered; may be given several times. Default: 127.0.0.1:1143 without a certificate; with --demo 127.0.0.1:1193."`
	ListenTLS []string `conf:"" group:"Addresses" name:"listen-tls" sep:"none" placeholder:"ADDR" help:"Address to listen on with TLS from the first byte; may be given several times. Default: :993 with a certificate; with --demo 127.0.0.1:1993."`
	Cert      string   `conf:"" group:"Addresses" type:"existingfile" placeholder:"FILE" help:"Certificate in PEM, with the chain behind it. It is read again when it changes, and on SIGHUP. Default with --demo: a self-signed one, made at start."`
	Key       string   `conf:"" group:"Addresses" type:"existingfile" placeholder:"FILE" help:"The certificate's private key in PEM."`

	ListenLMTP         []string `conf:"" group:"Delivery" name:"listen-lmtp" sep:"none" placeholder:"unix:PATH|ADDR" help:"Where a mail transfer agent delivers with LMTP: a Unix socket, or a loopback address, since LMTP has no passwords; may be given several times. Default: nowhere."`
	LMTPSocketMode     fileMode `conf:"" group:"Delivery" name:"lmtp-socket-mode" default:"0600" placeholder:"MODE" help:"Who may connect to the Unix sockets of --listen-lmtp, in octal. 0660 admits the group, which is that of the directory if it has the setgid bit. Default: ${default}."`
	LMTPAllowRemote    bool     `conf:"" group:"Delivery" name:"lmtp-allow-remote" help:"Let --listen-lmtp listen on addresses that other machines reach. Whoever reaches them can deliver anything to anybody."`
	MaxLMTPConnections int      `conf:"" group:"Delivery" name:"max-lmtp-connections" default:"100" placeholder:"N" help:"Open LMTP connections; more wait. Default: ${default}."`
	Hostname           string   `conf:"" group:"Delivery" placeholder:"NAME" help:"What the server calls itself to mail transfer agents and in Received lines. Default: the machine's name."`

	Durability string `conf:"" group:"Storage" enum:"full,relaxed" default:"full" placeholder:"full|relaxed" help:"When a client is told that a change is done. full: when it is on the disk; a power failure loses nothing. relaxed: when the operating system has it, which is faster; the end of the server loses nothing, but a power failure may lose the changes of the last seconds, and damage messages that came in them. Default: ${default}."`
	MaxMessage octets `conf:"" group:"Storage" name:"max-message" default:"1GiB" placeholder:"SIZE" help:"The largest message, however it comes. Default: ${default}."`

	Trace string `conf:"" group:"Storage" type:"path" placeholder:"DIR" help:"Write what every connection says, without passwords but with mail, to a pair of files in this directory that imapcat reads. Not for --stdio."`

	limitSettings
}

// limitSettings bound what clients can cost: session.Limits.
type limitSettings struct {
	MaxConnections           int           `conf:"" group:"Limits (0 is none)" default:"10000" placeholder:"N" help:"Open connections. One too many is told BYE. Default: ${default}."`
	MaxConnectionsPerAddress int           `conf:"" group:"Limits (0 is none)" default:"100" placeholder:"N" help:"Open connections from one IPv4 address or /64 of IPv6. Loopback addresses are exempt. Default: ${default}."`
	MaxConnectionsPerUser    int           `conf:"" group:"Limits (0 is none)" default:"50" placeholder:"N" help:"Logged-in connections of one user from other than loopback addresses. Default: ${default}."`
	MaxLine                  octets        `conf:"" group:"Limits (0 is none)" default:"64KiB" placeholder:"SIZE" help:"The longest command, without its literals. Default: ${default}."`
	MaxLineBeforeLogin       octets        `conf:"" group:"Limits (0 is none)" default:"8KiB" placeholder:"SIZE" help:"The same until the client has logged in, literals included. Default: ${default}."`
	MaxLiteral               octets        `conf:"" group:"Limits (0 is none)" default:"256KiB" placeholder:"SIZE" help:"The largest literal that is kept in memory. Messages are not; see --max-message. Default: ${default}."`
	MaxLiteralTotal          octets        `conf:"" group:"Limits (0 is none)" default:"1MiB" placeholder:"SIZE" help:"All literals of one command that are kept in memory. Default: ${default}."`
	MaxLiteralMemory         octets        `conf:"" group:"Limits (0 is none)" default:"256MiB" placeholder:"SIZE" help:"The literals of all connections that are kept in memory. One too many waits for others to be done with, and is refused if that takes too long. Default: ${default}."`
	MaxLiterals              int           `conf:"" group:"Limits (0 is none)" default:"1000" placeholder:"N" help:"Literals of one command. Default: ${default}."`
	MaxItems                 int           `conf:"" group:"Limits (0 is none)" default:"100000" placeholder:"N" help:"Items in the lists of one command. Default: ${default}."`
	MaxDepth                 int           `conf:"" group:"Limits (0 is none)" default:"32" placeholder:"N" help:"How deep a command may nest. Default: ${default}."`
	MaxBadCommands           int           `conf:"" group:"Limits (0 is none)" default:"20" placeholder:"N" help:"Commands in a row that make no sense before the connection is closed. Default: ${default}."`
	MaxBadBeforeLogin        int           `conf:"" group:"Limits (0 is none)" default:"3" placeholder:"N" help:"The same for all commands until the client has logged in. Default: ${default}."`
	LoginTimeout             time.Duration `conf:"" group:"Limits (0 is none)" default:"1m" placeholder:"TIME" help:"From the start of a connection until the client has logged in. Default: ${default}."`
	IdleTimeout              time.Duration `conf:"" group:"Limits (0 is none)" default:"30m" placeholder:"TIME" help:"How long a client that has logged in may say nothing; at least 30m. Default: ${default}."`
	WriteTimeout             time.Duration `conf:"" group:"Limits (0 is none)" default:"5m" placeholder:"TIME" help:"How long a client may take to read 64 KiB. Default: ${default}."`
	AuthDelay                time.Duration `conf:"" group:"Limits (0 is none)" default:"1s" placeholder:"TIME" help:"The pause after a login that failed. It doubles with each further one from the same address. Default: ${default}."`
	MaxAuthDelay             time.Duration `conf:"" group:"Limits (0 is none)" default:"30s" placeholder:"TIME" help:"How long that pause becomes. Default: ${default}."`
}

// orNone makes of a number what session.Limits means by it: no limit is negative there, and 0 the default.
func orNone[T int | int64 | time.Duration](n T) T {
	if n <= 0 {
		return -1
	}
	return n
}

// limits are the engine's.
func (s *settings) limits() session.Limits {
	return session.Limits{
		Connections:    orNone(s.MaxConnections),
		PerAddress:     orNone(s.MaxConnectionsPerAddress),
		PerUser:        orNone(s.MaxConnectionsPerUser),
		Line:           orNone(int(s.MaxLine)),
		LineBeforeAuth: orNone(int(s.MaxLineBeforeLogin)),
		Literal:        orNone(int64(s.MaxLiteral)),
		LiteralTotal:   orNone(int64(s.MaxLiteralTotal)),
		LiteralMemory:  orNone(int64(s.MaxLiteralMemory)),
		Literals:       orNone(s.MaxLiterals),
		Message:        -1, // the store has it
		Items:          orNone(s.MaxItems),
		Depth:          orNone(s.MaxDepth),
		BadCommands:    orNone(s.MaxBadCommands),
		BadBeforeAuth:  orNone(s.MaxBadBeforeLogin),
		LoginTimeout:   orNone(s.LoginTimeout),
		IdleTimeout:    orNone(s.IdleTimeout),
		WriteTimeout:   orNone(s.WriteTimeout),
		AuthDelay:      orNone(s.AuthDelay),
		MaxAuthDelay:   orNone(s.MaxAuthDelay),
	}
}

// storeOptions are the store's.
func (s *settings) storeOptions() sqlitestore.Options {
	o := sqlitestore.Options{Limits: store.Limits{MessageSize: int64(s.MaxMessage)}}
	if s.Durability == "relaxed" {
		o.Durability = sqlitestore.Relaxed
	}
	return o
}

// hostname is what the server calls itself.
func (s *settings) hostname() string {
	if s.Hostname != "" {
		return s.Hostname
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	return name
}

// check refuses settings that mean nothing, before anything is opened.
func (s *settings) check() error {
	switch {
	case (s.Cert == "") != (s.Key == ""):
		return usageError{"--cert and --key belong together"}
	case s.MaxMessage <= 0:
		return usageError{"--max-message must be more than 0"}
	case strings.ContainsAny(s.Hostname, " \t\r\n<>();,@"):
		return usageError{fmt.Sprintf("--hostname %q is no name of a machine", s.Hostname)}
	case s.IdleTimeout > 0 && s.IdleTimeout < 30*time.Minute:
		return usageError{"--idle-timeout must be 30m or more (RFC 9051, section 5.4), or 0 for none"}
	}
	for _, spec := range s.ListenLMTP {
		if _, err := parseLMTP(spec, s.LMTPAllowRemote); err != nil {
			return err
		}
	}
	return nil
}

// octets is a size: a number, and a unit of 1,024 or its powers if it is not in octets.
type octets int64

var octetUnits = []struct {
	name string
	size int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// UnmarshalText reads "64KiB" or "65536".
func (o *octets) UnmarshalText(text []byte) error {
	number, factor := string(text), int64(1)
	for _, unit := range octetUnits {
		if n, ok := strings.CutSuffix(number, unit.name); ok {
			number, factor = strings.TrimSpace(n), unit.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > 1<<50/factor {
		return fmt.Errorf("%q is no size: 65536, 64KiB, 1MiB and 1GiB are", text)
	}
	*o = octets(n * factor)
	return nil
}

// String is what UnmarshalText reads.
func (o octets) String() string {
	for _, unit := range octetUnits {
		if o > 0 && int64(o)%unit.size == 0 {
			return strconv.FormatInt(int64(o)/unit.size, 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(o), 10)
}

// fileMode is the mode of a socket.
type fileMode fs.FileMode

// UnmarshalText reads an octal number.
func (m *fileMode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || n > 0o777 || n&0o600 != 0o600 {
		return fmt.Errorf("%q is no mode for a socket: 0600, 0660 and 0666 are", text)
	}
	*m = fileMode(n)
	return nil
}

// String is what UnmarshalText reads.
func (m fileMode) String() string { return fmt.Sprintf("%04o", uint32(m)) }
