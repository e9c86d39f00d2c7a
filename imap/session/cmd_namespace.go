package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// Namespace is NAMESPACE (RFC 9051 §6.3.10): one personal namespace without a
// prefix.
func (s *session) Namespace(context.Context, string, *imap.NamespaceCommand) error {
	personal := []imap.NamespaceDescr{{Delim: separator}}
	return s.out.untagged(&imap.NamespaceData{Personal: personal})
}
