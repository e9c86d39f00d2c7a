package session

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/imapsrv/imapsrv/imap"
)

const (
	// freeLiteral is the size up to which a literal is not counted: user names,
	// passwords and mailbox names never wait.
	freeLiteral = 4 << 10
	// literalPatience is how long a literal waits for memory. Clients that send
	// one half and hold what others wait for must not hold them up for long.
	literalPatience = 10 * time.Second
)

// newLiteralMemory is what literals of all sessions are counted by; nil for no
// limit.
func newLiteralMemory(limit int64) *semaphore.Weighted {
	if limit < 0 {
		return nil
	}
	return semaphore.NewWeighted(limit)
}

// borrow counts a literal that is about to be read into memory. It waits while
// others have too much there, and with it the client, who is not told to go on,
// or whose octets nobody reads. It gives up after a while.
func (s *session) borrow(size int64) bool {
	memory := s.srv.literals
	if memory == nil || size <= freeLiteral || s.state == notAuthenticated {
		return true
	}
	if !memory.TryAcquire(size) {
		if size > s.srv.limits.LiteralMemory || s.out.flush() != nil {
			return false
		}
		ctx, cancel := context.WithTimeout(s.ctx, literalPatience)
		defer cancel()
		if memory.Acquire(ctx, size) != nil {
			return false
		}
	}
	s.borrowed += size
	return true
}

// giveBack frees what the last command's literals had.
func (s *session) giveBack() {
	if s.borrowed > 0 {
		s.srv.literals.Release(s.borrowed)
		s.borrowed = 0
	}
}

// errCrowded is what a client is told whose literal has waited for too long.
var errCrowded = &status{imap.StatusNO, imap.CodeUnavailable, "The server has no memory for this now: try again later"}
