package wire

// Limits bound what input can cost. A zero field means its default, which
// DefaultLimits lists.
type Limits struct {
	// Line bounds the octets of a unit outside of its literals, all its lines
	// together. Default 64 KiB for what clients send, 16 MiB for what servers
	// send (a SEARCH response is one line).
	Line int
	// Literal bounds one buffered literal. Default 16 MiB. Streamed literals
	// are bounded by whoever accepts them.
	Literal int64
	// LiteralTotal bounds the buffered literals of a unit together. Default 32 MiB.
	LiteralTotal int64
	// Literals bounds the number of literals of a unit. Default 1,000 for what
	// clients send, 100,000 for what servers send.
	Literals int
	// Frame bounds all that is buffered of one unit. Default 48 MiB.
	Frame int
	// Items bounds the list items and ranges of a unit. Default 1,048,576.
	Items int
	// Depth bounds the nesting of a unit. Default 32.
	Depth int
	// Drain bounds the octets read and dropped after a unit, or the rest of a
	// streamed literal, was refused. A longer refusal ends the stream. Default 16 MiB.
	Drain int64
}

const (
	defaultItems = 1 << 20
	defaultDepth = 32
)

// DefaultLimits are the limits for what the given side sends.
func DefaultLimits(sender Side) Limits {
	l := Limits{
		Line:         64 << 10,
		Literal:      16 << 20,
		LiteralTotal: 32 << 20,
		Literals:     1000,
		Frame:        48 << 20,
		Items:        defaultItems,
		Depth:        defaultDepth,
		Drain:        16 << 20,
	}
	if sender == Server {
		l.Line = 16 << 20
		l.Literals = 100_000
	}
	return l
}

// withDefaults fills the fields that are zero.
func (l Limits) withDefaults(sender Side) Limits {
	d := DefaultLimits(sender)
	orDefault(&l.Line, d.Line)
	orDefault(&l.Literal, d.Literal)
	orDefault(&l.LiteralTotal, d.LiteralTotal)
	orDefault(&l.Literals, d.Literals)
	orDefault(&l.Frame, d.Frame)
	orDefault(&l.Items, d.Items)
	orDefault(&l.Depth, d.Depth)
	orDefault(&l.Drain, d.Drain)
	return l
}

func orDefault[T int | int64](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}
