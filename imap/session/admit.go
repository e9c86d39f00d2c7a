package session

// admit counts a new session, or tells why it must not begin.
func (srv *Server) admit(s *session) (refusal string) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	switch {
	case srv.closing:
		return "server is shutting down"
	case !within(len(srv.sessions)+1, srv.limits.Connections):
		return "too many connections"
	}
	if key := addressKey(s); key != "" {
		if !within(srv.addresses[key]+1, srv.limits.PerAddress) {
			return "too many connections from your address"
		}
		srv.addresses[key]++
	}
	srv.sessions[s] = struct{}{}
	return ""
}

// admitUser counts an authenticated session of a user.
func (srv *Server) admitUser(s *session, user string) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	s.user = user
	if isLocal(s.peer.Addr) || s.counted != "" {
		return true
	}
	if !within(srv.users[user]+1, srv.limits.PerUser) {
		return false
	}
	srv.users[user]++
	s.counted = user
	return true
}

// dismiss takes back what admit and admitUser counted.
func (srv *Server) dismiss(s *session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if _, ok := srv.sessions[s]; !ok {
		return
	}
	delete(srv.sessions, s)
	countDown(srv.addresses, addressKey(s))
	countDown(srv.users, s.counted)
}

func countDown(m map[string]int, key string) {
	if m[key]--; m[key] <= 0 {
		delete(m, key)
	}
}

// addressKey is what connections are counted by; empty for those that are not.
func addressKey(s *session) string {
	if isLocal(s.peer.Addr) {
		return ""
	}
	return networkOf(s.peer.Addr)
}
