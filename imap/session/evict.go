package session

import "context"

// Reason is why EndUser ends sessions: what clients are told with BYE.
type Reason string

// EndUser ends the sessions of a user (Identity.User): each is told BYE with the
// reason when its present command is done. With tunnels, sessions that were
// authenticated beforehand end as well. It returns when they have ended, or with
// the context's error; sessions that have not ended then will all the same.
//
// A list of users that has changed calls it after the change, so that nobody can
// log in meanwhile as before.
func (srv *Server) EndUser(ctx context.Context, user string, reason Reason, tunnels bool) error {
	srv.start()
	var ending []*session
	for _, s := range srv.sessionsOf(user) {
		if s.preauth != nil && !tunnels {
			continue
		}
		text := string(reason)
		s.farewell.Store(&text)
		s.link.interrupt()
		ending = append(ending, s)
	}
	for _, s := range ending {
		select {
		case <-s.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// sessionsOf returns the open sessions of a user.
func (srv *Server) sessionsOf(user string) []*session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	var list []*session
	for s := range srv.sessions {
		if s.user == user && user != "" {
			list = append(list, s)
		}
	}
	return list
}

// lastWords is what BYE says to a client whose session is told to end.
func (s *session) lastWords() string {
	if text := s.farewell.Load(); text != nil {
		return *text
	}
	return "Server is shutting down"
}
