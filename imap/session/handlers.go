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
