package session

import (
	"context"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// Enable answers ENABLE (RFC 9051 §6.3.1). Capabilities that cannot be enabled
// here are ignored, as the RFC wants: clients ask for UTF8=ACCEPT untold.
func (s *session) Enable(_ context.Context, _ string, cmd *imap.Enable) error {
	var enabled []imap.Capability
	for _, c := range cmd.Caps {
		if strings.EqualFold(string(c), string(imap.CapIMAP4rev2)) && !s.rev2 {
			s.enableRev2()
			enabled = append(enabled, imap.CapIMAP4rev2)
		}
	}
	return s.out.untagged(&imap.EnableData{Caps: enabled})
}

// enableRev2 switches to IMAP4rev2: UTF-8 in names and strings, no \Recent
// (RFC 9051 appendix E).
func (s *session) enableRev2() {
	s.rev2, s.utf8 = true, true
	s.out.setRev2()
	if s.view != nil {
		s.view.noRecent()
	}
}

// noRecent makes \Recent mean nothing in a view.
func (v *view) noRecent() {
	v.recent = nil
	v.m.mu.Lock()
	v.m.renounce(v)
	v.m.mu.Unlock()
}
