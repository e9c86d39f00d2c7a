package session

import (
	"context"
	"strings"

	"github.com/imapsrv/imapsrv/imap"
)

// maxAuthSteps bounds the messages of one exchange.
const maxAuthSteps = 32

// Authenticate answers AUTHENTICATE (RFC 9051 §6.2.2, RFC 4422).
func (s *session) Authenticate(ctx context.Context, _ string, cmd *imap.Authenticate) error {
	ex, err := s.startExchange(ctx, strings.ToUpper(cmd.Mechanism))
	if err != nil {
		return err
	}
	response := []byte(cmd.InitialResponse)
	for range maxAuthSteps {
		challenge, id, err := ex.Next(ctx, response)
		if err != nil {
			return s.loginFailed(ctx, err)
		}
		if challenge == nil || id != nil {
			if err := s.logIn(ctx, id); err != nil {
				return err
			}
			s.ok(s.capabilityCode(), "AUTHENTICATE completed")
			return nil
		}
		if response, err = s.challenge(challenge); err != nil {
			return err
		}
	}
	return bad("Too many messages")
}

// challenge sends a challenge and reads the response, which is not nil.
func (s *session) challenge(data []byte) ([]byte, error) {
	c := &imap.AuthChallenge{Data: data}
	err := s.out.encode(func(e *imap.Encoder, b []byte) ([]byte, error) { return e.AppendAuthChallenge(b, c) })
	if err != nil {
		return nil, err
	}
	s.rd.Lines = true
	frame, err := s.rd.Next()
	s.rd.Lines = false
	if err != nil {
		return nil, refusedLine(err)
	}
	s.trace.response(frame)
	r, err := s.decoder().AuthResponse(frame)
	switch {
	case err != nil:
		return nil, bad("Response is not base64")
	case r.Cancel:
		return nil, bad("AUTHENTICATE cancelled")
	case r.Data == nil:
		return []byte{}, nil
	}
	return r.Data, nil
}
