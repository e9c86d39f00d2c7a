package message

// The bounds of what is kept of one message. Beyond them the structure becomes coarser;
// the octets of every section stay exact.
const (
	// MaxDepth is how many levels of parts a structure has, the message itself included.
	MaxDepth = 32
	// MaxParts is how many parts a structure has, apart from the one that stands for
	// the content of a multipart without delimiters.
	MaxParts = 10_000
	// MaxAddresses is how many addresses all envelopes of a message have together.
	MaxAddresses = 10_000
	// MaxFieldSize is how many octets of one header field are looked at, for the
	// structure and for SEARCH.
	MaxFieldSize = 256 << 10
	// MaxKept is how many octets of header field values all parts of a message keep together.
	MaxKept = 2 << 20
	// MaxParams is how many parameters of one Content-Type or Content-Disposition are kept,
	// and how many languages of one Content-Language.
	MaxParams = 256
	// MaxBoundary is the longest boundary that is recognised; RFC 2046 §5.1.1 allows 70.
	MaxBoundary = 1000
)

// window is how much of a message is in memory at once while it is read.
const window = 64 << 10
