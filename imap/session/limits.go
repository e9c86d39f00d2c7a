package session

import "time"

// Limits bounds what clients can cost. A zero field stands for its default,
// a negative one for no limit.
type Limits struct {
	// Connections is the number of open connections; default 10,000. One too
	// many is told BYE and closed.
	Connections int
	// PerAddress is the number of open connections from one IP address, or one
	// /64 of IPv6; default 100. Loopback addresses, where proxies live, are
	// exempt.
	PerAddress int
	// PerUser is the number of authenticated connections to one account from
	// other than loopback addresses; default 50.
	PerUser int

	// Line is the longest command in octets, without its literals; default
	// 64 KiB. LineBeforeAuth applies until the client has authenticated;
	// default 8 KiB.
	Line           int
	LineBeforeAuth int
	// Literal is the largest literal that is kept in memory; default 256 KiB.
	// Before authentication it is LineBeforeAuth.
	Literal int64
	// LiteralTotal is that of all literals of a command; default 1 MiB.
	LiteralTotal int64
	// LiteralMemory is that of the literals of all connections together that are
	// in memory at a time; default 256 MiB. One that would exceed it waits, and
	// is refused after 10 seconds. Literals of up to 4 KiB are not counted.
	LiteralMemory int64
	// Literals is the number of literals in a command; default 1,000.
	Literals int
	// Message is the largest message that APPEND takes, in octets; default
	// what the store takes.
	Message int64
	// Items is the number of items in the lists of a command; default 100,000.
	Items int
	// Depth is the deepest nesting of a command; default 32.
	Depth int

	// BadCommands is how many commands in a row may be answered BAD before the
	// connection is closed; default 20. BadBeforeAuth is the same for all
	// commands before authentication together; default 3.
	BadCommands   int
	BadBeforeAuth int

	// LoginTimeout is the time from the start of a connection to its
	// authentication; default 1 minute.
	LoginTimeout time.Duration
	// IdleTimeout is how long an authenticated client may be silent; default,
	// and no less than, 30 minutes (RFC 9051 §5.4).
	IdleTimeout time.Duration
	// WriteTimeout is how long a client may take to read 64 KiB; default 5
	// minutes.
	WriteTimeout time.Duration
	// AuthDelay is the pause after the first failed authentication from an
	// address; it doubles with each further one up to MaxAuthDelay. Defaults 1
	// and 30 seconds.
	AuthDelay    time.Duration
	MaxAuthDelay time.Duration
}

// minIdle is the least autologout time that RFC 9051 §5.4 allows.
const minIdle = 30 * time.Minute

// DefaultLimits returns the limits of a Server that says nothing else.
func DefaultLimits() Limits {
	return Limits{
		Connections:    10_000,
		PerAddress:     100,
		PerUser:        50,
		Line:           64 << 10,
		LineBeforeAuth: 8 << 10,
		Literal:        256 << 10,
		LiteralTotal:   1 << 20,
		LiteralMemory:  256 << 20,
		Literals:       1000,
		Message:        -1,
		Items:          100_000,
		Depth:          32,
		BadCommands:    20,
		BadBeforeAuth:  3,
		LoginTimeout:   time.Minute,
		IdleTimeout:    minIdle,
		WriteTimeout:   5 * time.Minute,
		AuthDelay:      time.Second,
		MaxAuthDelay:   30 * time.Second,
	}
}

// withDefaults replaces the zero fields.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	orDefault(&l.Connections, d.Connections)
	orDefault(&l.PerAddress, d.PerAddress)
	orDefault(&l.PerUser, d.PerUser)
	orDefault(&l.Line, d.Line)
	orDefault(&l.LineBeforeAuth, d.LineBeforeAuth)
	orDefault(&l.Literal, d.Literal)
	orDefault(&l.LiteralTotal, d.LiteralTotal)
	orDefault(&l.LiteralMemory, d.LiteralMemory)
	orDefault(&l.Literals, d.Literals)
	orDefault(&l.Message, d.Message)
	orDefault(&l.Items, d.Items)
	orDefault(&l.Depth, d.Depth)
	orDefault(&l.BadCommands, d.BadCommands)
	orDefault(&l.BadBeforeAuth, d.BadBeforeAuth)
	orDefault(&l.LoginTimeout, d.LoginTimeout)
	orDefault(&l.IdleTimeout, d.IdleTimeout)
	orDefault(&l.WriteTimeout, d.WriteTimeout)
	orDefault(&l.AuthDelay, d.AuthDelay)
	orDefault(&l.MaxAuthDelay, d.MaxAuthDelay)
	if l.IdleTimeout > 0 {
		l.IdleTimeout = max(l.IdleTimeout, minIdle)
	}
	return l
}

func orDefault[T int | int64 | time.Duration](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}

// within tells whether n things are allowed by a limit.
func within(n, limit int) bool { return limit < 0 || n <= limit }
