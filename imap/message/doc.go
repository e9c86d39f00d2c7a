// Package message turns a stored RFC 5322 message into what IMAP says about it:
// ENVELOPE, BODYSTRUCTURE, the octets of every section, decoded BINARY parts, and
// answers to SEARCH.
//
//	m, err := message.Parse(body, size)          // err: the reader's own error, nothing else
//	env := m.Envelope()                          // ENVELOPE
//	bs := m.BodyStructure()                      // BODYSTRUCTURE; m.Body() for BODY
//	c, err := m.Section(att.Section)             // BODY[1.2.HEADER.FIELDS (FROM)]
//	r, n, err := c.Open(att.Partial)             // n octets, streamed from the store
//	found, err := m.Contains(imap.SearchTextKeyText, message.NewNeedle("père"))
//
// A store keeps a [Summary] of each message (MarshalBinary, [SummaryVersion]) so that
// FETCH ENVELOPE and BODYSTRUCTURE never touch the message, and BODY[…] reads only the
// octets it returns: [Summary.Message] joins a summary with the stored octets again.
//
// # Broken messages
//
// No message is refused. Whatever cannot be understood takes the default that RFC 2045
// gives it, and octets are always those stored: nothing is repaired, unfolded or
// re-encoded in a section. In particular:
//
//   - A line ends with LF or CRLF, also mixed; a lone CR does not end a line.
//   - A header without a blank line reaches to the end of its part. The exception is
//     the header of a body part whose first line cannot be a field: it is taken as empty.
//   - A multipart without a usable boundary, or in which it never occurs, has one
//     text/plain part that covers its whole body.
//   - A line that starts with "--" and a boundary in force is a delimiter, whatever
//     follows (RFC 2046 §5.1.1); of several the longest boundary wins, then the innermost.
//   - A line end right before a delimiter belongs to the delimiter, unless it ends a header.
//   - A multipart or message deeper than [MaxDepth] shows as application/octet-stream,
//     and once there are [MaxParts] parts the last one takes the rest.
//
// # Cost
//
// Parsing reads the octets once, through one window, and keeps only the structure. Time
// is linear in the size of the message, and memory is bounded by the limits of this package,
// whatever the message says.
package message
