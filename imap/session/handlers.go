package session

import "github.com/imapsrv/imapsrv/imap"

// The engine answers every command of the grammar: one that it lacks does not
// compile.
var (
	_ imap.Handler          = (*session)(nil)
	_ imap.HandlerEnable    = (*session)(nil)
	_ imap.HandlerIMAP4rev1 = (*session)(nil)
	_ imap.HandlerIdle      = (*session)(nil)
	_ imap.HandlerMove      = (*session)(nil)
	_ imap.HandlerNamespace = (*session)(nil)
	_ imap.HandlerUIDPlus   = (*session)(nil)
	_ imap.HandlerUnselect  = (*session)(nil)
)

// isUID tells whether a command has UIDs where its other form has sequence
// numbers.
func isUID(cmd imap.Command) bool {
	switch c := cmd.(type) {
	case *imap.Fetch:
		return c.UID
	case *imap.Store:
		return c.UID
	case *imap.Search:
		return c.UID
	case *imap.Copy:
		return c.UID
	case *imap.Move:
		return c.UID
	}
	return false
}
