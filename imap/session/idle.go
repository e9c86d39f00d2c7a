package session

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/imapsrv/imapsrv/imap"
)

// A session that has nothing to do must be cheap: there are many more of them
// than of others. When a client idles, or is quiet for some seconds, the session
// gives back its buffers and its decoder, and its goroutine, whose stack has
// grown, ends; a fresh one waits for the client. While it idles, news is told by
// goroutines that live only as long as it takes.

// next reads a command. It gives errQuiet when the client has not begun one for
// some time.
func (s *session) next() (imap.Frame, error) {
	s.link.quiet = true
	frame, err := s.rd.Next()
	s.link.quiet = false
	if err == errQuiet && !s.rd.Release() {
		// The client is in the middle of a command.
		return s.rd.Next()
	}
	return frame, err
}

// rest waits for the next command of a client that is quiet.
func (s *session) rest() fate {
	s.returnCodec()
	s.launch(func() fate {
		err := s.link.wait()
		s.launch(func() fate {
			if err != nil {
				return s.unreadable(err)
			}
			return s.serve()
		})
		return parked
	})
	return parked
}

// idleState is what IDLE needs besides the session.
type idleState struct {
	tag    string
	queued atomic.Bool // a goroutine is on its way to tell news

	mu sync.Mutex // held while news is told; guards on
	on bool
}

// errPark is what the handler of IDLE returns: the command does not end yet.
var errPark = errors.New("session: idle")

// park begins to idle.
func (s *session) park(tag string) fate {
	s.idle.tag = strings.Clone(tag)
	if err := s.out.proceed("idling"); err != nil {
		return over
	}
	s.tellUpdates(tellAll)
	if s.out.flush() != nil {
		return over
	}
	s.returnCodec()
	if s.rd.Buffered() > 0 {
		return s.unpark(nil)
	}
	s.rd.Release()
	s.link.drain()
	s.idle.mu.Lock()
	s.idle.on = true
	s.idle.mu.Unlock()
	s.view.onNews(s.news)
	s.news() // for what happened before onNews
	s.launch(s.waitIdle)
	return parked
}

// waitIdle waits for the client; a fresh goroutine goes on from there.
func (s *session) waitIdle() fate {
	err := s.link.wait()
	s.launch(func() fate { return s.unpark(err) })
	return parked
}

// unpark ends idling: the client has said something, or waiting failed.
func (s *session) unpark(err error) fate {
	s.view.onNews(nil)
	s.idle.mu.Lock()
	s.idle.on = false
	s.idle.mu.Unlock()
	var frame imap.Frame
	if err == nil {
		s.rd.Lines = true
		frame, err = s.rd.Next()
		s.rd.Lines = false
	}
	if f := s.endIdle(frame, err); f != goesOn {
		_ = s.out.flush() // the connection is ending in any case
		return f
	}
	return s.serve()
}

// endIdle answers what ends IDLE, which should be DONE, unless it cannot be read.
func (s *session) endIdle(frame imap.Frame, err error) fate {
	if err == nil {
		s.trace.line(frame)
		_, err = s.decoder().IdleDone(frame)
	} else {
		err = refusedLine(err)
	}
	return s.finish(s.idle.tag, "IDLE", &imap.Idle{}, err)
}

// news makes an idle session tell its client what has happened. Any goroutine
// may call it; it does not wait.
func (s *session) news() {
	if s.idle.queued.CompareAndSwap(false, true) {
		go s.tellNews()
	}
}

// tellNews tells what has happened while the client idles.
func (s *session) tellNews() {
	defer s.rescue()
	s.idle.mu.Lock()
	defer s.idle.mu.Unlock()
	s.idle.queued.Store(false)
	if !s.idle.on {
		return
	}
	s.tellUpdates(tellAll)
	if s.out.flush() != nil {
		// waitIdle finds out and ends the session.
		s.link.close()
	}
}

// onNews sets what is called when there is something to tell; nil for nothing.
// A nil view has no news.
func (v *view) onNews(f func()) {
	if v == nil {
		return
	}
	v.m.mu.Lock()
	v.wake = f
	v.m.mu.Unlock()
}
