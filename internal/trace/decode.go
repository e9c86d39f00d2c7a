package trace

import (
	"bytes"

	"github.com/imapsrv/imapsrv/imap"
)

// client decodes what a client said.
func (f *Follower) client(u *Unit, text []byte) error {
	u.Text = f.shown(text)
	frame := imap.Frame{Bytes: text}
	switch f.mode {
	case idle:
		f.mode = commands
		v, err := f.dec.IdleDone(frame)
		return f.within(u, text, v, err)
	case exchange:
		v, err := f.dec.AuthResponse(frame)
		if err == nil && v.Cancel {
			f.mode = commands
		}
		return f.within(u, text, v, err)
	}
	return f.command(u, text)
}

// within fills in a line that belongs to a command.
func (f *Follower) within(u *Unit, text []byte, v any, err error) error {
	if err == nil {
		u.Type, u.Value, u.Text = typeName(v), v, line(text)
		f.hide(u)
	}
	return err
}

// line is a copy of a unit's text without its last CRLF.
func line(text []byte) []byte { return bytes.Clone(bytes.TrimSuffix(text, []byte("\r\n"))) }

// command decodes a command.
func (f *Follower) command(u *Unit, text []byte) error {
	tag, cmd, err := f.dec.Command(imap.Frame{Bytes: text})
	u.Tag = tag
	if err != nil {
		return err
	}
	u.Name, u.Type, u.Value = imap.CommandName(cmd), typeName(cmd), cmd
	u.Text = line(text)
	switch c := cmd.(type) {
	case *imap.UnknownCommand:
		f.hideUnknown(u, c)
		return nil
	case *imap.Authenticate:
		f.mode = exchange
	case *imap.Idle:
		f.mode = idle
	}
	if isAuthenticated(cmd) {
		f.authenticated = true
	}
	f.hide(u)
	return nil
}

// isAuthenticated reports whether only authenticated clients give a command.
func isAuthenticated(cmd imap.Command) bool {
	switch cmd.(type) {
	case imap.CommandAuth, imap.CommandSelect:
		return true
	}
	return false
}

// hide takes secrets out of a unit.
func (f *Follower) hide(u *Unit) {
	if !f.opts.ShowSecrets && Redact(u.Value) {
		u.Text = nil // encode fills it in
	}
}

// hideUnknown takes out of an unknown command what may be a secret.
func (f *Follower) hideUnknown(u *Unit, c *imap.UnknownCommand) {
	if !f.opts.ShowSecrets && RedactUnknown(c, f.authenticated) {
		u.Text = nil
	}
	u.Name = c.Name
}

// server decodes what a server said.
func (f *Follower) server(u *Unit, text []byte) error {
	u.Text = f.shown(text)
	frame := imap.Frame{Bytes: text}
	if !f.begun {
		if v, err := f.dec.Greeting(frame); err == nil {
			f.authenticated = v.Kind == imap.StatusPreAuth
			u.Tag, u.Type, u.Value = "*", "Greeting", v
			return nil
		}
	}
	if text[0] == '+' && f.inExchange() {
		if v, err := f.dec.AuthChallenge(frame); err == nil {
			f.challenge(u, v)
			return nil
		}
	}
	v, err := f.dec.Response(frame)
	if err != nil {
		return err
	}
	u.Tag, u.Type, u.Value = "*", typeName(v), v
	switch r := v.(type) {
	case *imap.Tagged:
		u.Tag = r.Tag
	case *imap.Continue:
		u.Tag = "+"
	case imap.MailboxData, imap.MessageData:
		f.authenticated = true
	}
	return nil
}

// inExchange reports whether "+" may be a challenge of AUTHENTICATE.
func (f *Follower) inExchange() bool {
	return !f.authenticated || f.opts.Exchange != nil && f.opts.Exchange()
}

// challenge fills in a challenge, which can help to guess a password.
func (f *Follower) challenge(u *Unit, v *imap.AuthChallenge) {
	if len(v.Data) > 0 && !f.opts.ShowSecrets {
		v.Data = []byte(Redacted)
		u.Text = nil
	}
	u.Tag, u.Type, u.Value = "+", "AuthChallenge", v
}

// encode fills in what an encoder makes of the value. It may make nothing of it:
// decoders are more liberal.
func (f *Follower) encode(u *Unit) {
	var err error
	switch v := u.Value.(type) {
	case *imap.IdleDone:
		u.Encoded, err = f.enc.AppendIdleDone(nil, v)
	case *imap.AuthResponse:
		u.Encoded, err = f.enc.AppendAuthResponse(nil, v)
	case *imap.AuthChallenge:
		u.Encoded, err = f.enc.AppendAuthChallenge(nil, v)
	case imap.Command:
		u.Encoded, err = f.enc.AppendCommand(nil, u.Tag, v)
	case *imap.StatusResponse:
		u.Encoded, err = f.encodeStatus(u, v)
	case imap.Response:
		u.Encoded, err = f.enc.AppendResponse(nil, v)
	}
	if err != nil {
		u.Encoded = nil
	}
	switch {
	case u.Text != nil:
	case u.Encoded != nil:
		u.Text = bytes.ReplaceAll(line(u.Encoded), []byte(redactedBase64), []byte(Redacted))
	default:
		u.Text = []byte(u.Tag + " " + Redacted)
	}
}

func (f *Follower) encodeStatus(u *Unit, v *imap.StatusResponse) ([]byte, error) {
	if u.Type == "Greeting" {
		return f.enc.AppendGreeting(nil, v)
	}
	return f.enc.AppendResponse(nil, v)
}
