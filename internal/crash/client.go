package crash

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/imapsrv/imapsrv/imap"
)

// patience is how long a command may take.
const patience = time.Minute

// Client is one connection to a server. It does one command at a time.
type Client struct {
	conn net.Conn
	r    *imap.Reader
	enc  imap.Encoder
	dec  imap.Decoder
	tags int
}

// Refusal is a tagged NO or BAD, or BYE instead of a greeting.
type Refusal struct{ imap.Tagged }

func (r *Refusal) Error() string { return fmt.Sprintf("%v [%v] %s", r.Kind, r.Code, r.Text) }

// HasCode tells whether the refusal has a code, such as UNAVAILABLE.
func (r *Refusal) HasCode(code string) bool {
	word, ok := r.Code.(fmt.Stringer)
	return ok && word.String() == code
}

// NewClient reads the server's greeting.
func NewClient(conn net.Conn) (*Client, error) {
	c := &Client{conn: conn, r: imap.NewReader(conn, imap.Server, imap.Limits{})}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	f, err := c.r.Next()
	if err != nil {
		return nil, err
	}
	greeting, err := c.dec.Greeting(f)
	if err == nil && greeting.Kind == imap.StatusBYE {
		err = &Refusal{imap.Tagged{Kind: greeting.Kind, Code: greeting.Code, Text: greeting.Text}}
	}
	return c, err
}

// Login says who the client is.
func (c *Client) Login(user, password string) error {
	_, err := c.Do(&imap.Login{UserID: user, Password: imap.Secret(password)})
	return err
}

// Close closes the connection, as a client does that is gone.
func (c *Client) Close() error { return c.conn.Close() }

// Answer is what the server says to a command: untagged data, and the OK.
type Answer struct {
	Untagged []imap.Response
	Tagged   imap.Tagged
}

// Do gives a command and waits for its end. A *Refusal is the server's NO or
// BAD; any other error is the connection's, after which nobody knows whether
// the command was carried out.
func (c *Client) Do(cmd imap.Command) (Answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return Answer{}, err
	}
	c.tags++
	tag := "c" + strconv.Itoa(c.tags)
	data, err := c.enc.AppendCommand(nil, tag, cmd)
	if err != nil {
		return Answer{}, err
	}
	var answer Answer
	sent := 0
	for _, b := range c.enc.Breaks() {
		if _, err := c.conn.Write(data[sent:b.Offset]); err != nil {
			return Answer{}, err
		}
		sent = b.Offset
		if done, err := c.listen(&answer, tag, b.Sync); done || err != nil {
			return answer, err
		}
	}
	if _, err := c.conn.Write(data[sent:]); err != nil {
		return Answer{}, err
	}
	_, err = c.listen(&answer, tag, false)
	return answer, err
}

// listen reads until the command ends, which it reports, or until the server
// wants more, if it may.
func (c *Client) listen(a *Answer, tag string, more bool) (done bool, err error) {
	for {
		f, err := c.r.Next()
		if err != nil {
			return false, err
		}
		response, err := c.dec.Response(f)
		if err != nil {
			return false, err
		}
		switch v := response.(type) {
		case *imap.Continue:
			if !more {
				return false, fmt.Errorf("the server wants more: %q", v.Text)
			}
			return false, nil
		case *imap.Tagged:
			if v.Tag != tag {
				return false, fmt.Errorf("the server ends command %q instead of %q", v.Tag, tag)
			}
			a.Tagged = *v
			if v.Kind != imap.StatusOK {
				return true, &Refusal{*v}
			}
			return true, nil
		default:
			a.Untagged = append(a.Untagged, response)
		}
	}
}
