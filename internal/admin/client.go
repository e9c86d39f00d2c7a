package admin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// Client asks the server that has a data directory.
type Client struct {
	path string
	http http.Client
}

// Dial returns a Client if a server answers in a directory.
func Dial(ctx context.Context, dir string) (*Client, error) {
	c := &Client{path: socketPath(dir)}
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	_ = conn.Close() // it was only to see
	c.http.Transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx) },
	}
	return c, nil
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	var conn net.Conn
	err := withShortPath(c.path, func(short string) (err error) {
		conn, err = d.DialContext(ctx, "unix", short)
		return err
	})
	return conn, err
}

// Close gives up connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// errEnded says that the server went away before it had answered.
var errEnded = &Error{Kind: Later, Text: "the server ended before it had answered"}

// ask runs an operation and hands each line but the last to use, which may be nil.
func (c *Client) ask(ctx context.Context, op string, query url.Values, body io.Reader, use func(reply)) error {
	if body == nil {
		body = http.NoBody
	}
	// The reader may not be closed by us, whatever else it can.
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, operationURL(op, query), io.NopCloser(body))
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return &Error{Kind: Later, Text: "asking the server: " + err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server does not know %s (%s): is it another version?", op, response.Status)
	}
	lines := json.NewDecoder(response.Body)
	for {
		var line reply
		if err := lines.Decode(&line); err != nil {
			return errEnded
		}
		if line.Done && line.Error != nil {
			return line.Error
		}
		if line.Done {
			return nil
		}
		if use != nil {
			use(line)
		}
	}
}

func operationURL(op string, query url.Values) string {
	u := url.URL{Scheme: "http", Host: "imapsrv", Path: op, RawQuery: query.Encode()}
	return u.String()
}

func named(name string) url.Values { return url.Values{"name": {name}} }

// AddUser is Service.AddUser.
func (c *Client) AddUser(ctx context.Context, name, password string) error {
	return c.ask(ctx, opAddUser, named(name), strings.NewReader(password), nil)
}

// SetPassword is Service.SetPassword.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	return c.ask(ctx, opSetPassword, named(name), strings.NewReader(password), nil)
}

// ListUsers is Service.ListUsers.
func (c *Client) ListUsers(ctx context.Context) (list []sqlitestore.User, err error) {
	err = c.ask(ctx, opListUsers, nil, nil, func(line reply) { list = append(list, line.Users...) })
	return list, err
}

// RemoveUser is Service.RemoveUser.
func (c *Client) RemoveUser(ctx context.Context, name string, purge bool) error {
	query := named(name)
	if purge {
		query.Set("purge", "")
	}
	return c.ask(ctx, opRemoveUser, query, nil, nil)
}

// Deliver is Service.Deliver.
func (c *Client) Deliver(ctx context.Context, user string, message io.Reader) error {
	return c.ask(ctx, opDeliver, named(user), message, nil)
}

// Check is Service.Check.
func (c *Client) Check(ctx context.Context, repair bool, report func(sqlitestore.Problem)) error {
	query := url.Values{}
	if repair {
		query.Set("repair", "")
	}
	return c.ask(ctx, opCheck, query, nil, func(line reply) {
		if line.Problem != nil {
			report(*line.Problem)
		}
	})
}

// Tunnel opens a session in the server, authenticated as a user, whose greeting is what the stream begins with.
func (c *Client) Tunnel(ctx context.Context, user string) (io.ReadWriteCloser, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := upgrade(conn, operationURL(opTunnel, named(user)))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return stream, nil
}

// upgrade asks for a tunnel on a connection.
func upgrade(conn net.Conn, address string) (io.ReadWriteCloser, error) {
	request, err := http.NewRequest(http.MethodPost, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", upgradeProtocol)
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		return &upgraded{conn, in}, nil
	}
	var line reply
	if err := json.NewDecoder(response.Body).Decode(&line); err != nil || line.Error == nil {
		return nil, fmt.Errorf("the server opens no tunnel: %s", response.Status)
	}
	return nil, line.Error
}

// upgraded is a connection of which something may have been read already.
type upgraded struct {
	net.Conn
	in *bufio.Reader
}

func (u *upgraded) Read(p []byte) (int, error) { return u.in.Read(p) }
