package session

import "github.com/imapsrv/imapsrv/imap"

// The engine answers every command of the grammar: one that it lacks does not
// compile.
var _ imap.HandlerAll = (*session)(nil)
