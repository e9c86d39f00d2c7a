package session

import (
	"slices"

	"github.com/imapsrv/imapsrv/imap"
)

// always are the capabilities that do not depend on the session's state.
var always = []imap.Capability{
	"IMAP4rev1", "IMAP4rev2", "SASL-IR", "ENABLE", "IDLE", "NAMESPACE", "UNSELECT", "UIDPLUS", "MOVE",
	"ESEARCH", "SEARCHRES", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "CHILDREN", "BINARY", "STATUS=SIZE",
}

// sometimes are the capabilities that sessions have with some settings, or in some state.
// That there are more mechanisms than PLAIN depends on the Authenticator.
var sometimes = []imap.Capability{"LITERAL+", "LITERAL-", "STARTTLS", "AUTH=PLAIN", "LOGINDISABLED"}

// Capabilities lists everything that a session of this engine may offer, whatever its state
// and its server's settings. What an authenticator of one's own adds is not in it.
func Capabilities() []imap.Capability { return slices.Concat(always, sometimes) }

// capabilities are what the session offers now. Only what is whole is here: what
// is not advertised is refused like an unknown command.
func (s *session) capabilities() []imap.Capability {
	if s.state != notAuthenticated {
		return s.srv.capabilities
	}
	if s.caps == nil {
		s.caps = slices.Concat(s.srv.capabilities, s.loginCapabilities())
	}
	return s.caps
}

// serverCapabilities are those that hold for all sessions.
func (srv *Server) serverCapabilities() []imap.Capability {
	if srv.LiteralMinus {
		return append(slices.Clone(always), "LITERAL-")
	}
	return append(slices.Clone(always), "LITERAL+")
}

// loginCapabilities say how a client can authenticate.
func (s *session) loginCapabilities() []imap.Capability {
	var caps []imap.Capability
	if s.canStartTLS() {
		caps = append(caps, "STARTTLS")
	}
	for _, m := range s.mechanisms() {
		if !m.Plaintext || s.mayShowPasswords() {
			caps = append(caps, imap.Capability("AUTH="+m.Name))
		}
	}
	if !slices.Contains(caps, "AUTH=PLAIN") {
		caps = append(caps, "LOGINDISABLED")
	}
	return caps
}

// newState makes the session's limits and capabilities follow its state.
func (s *session) newState(st state) {
	s.state = st
	s.caps = nil
	s.returnCodec()
	s.rd.SetLimits(s.readLimits())
}

// capabilityCode is the response code that saves clients a command.
func (s *session) capabilityCode() imap.ResponseCode {
	return &imap.CodeCapability{Caps: s.capabilities()}
}

// setCaps tells a decoder what is advertised.
func (c *codec) setCaps(caps []imap.Capability) {
	if !slices.Equal(c.caps, caps) {
		c.caps = caps
		c.SetCaps(caps...)
	}
}
