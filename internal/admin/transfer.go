package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// Source gives an account to a Receiver, and closes it when it has ended well.
type Source func(ctx context.Context, to transfer.Receiver) error

// Import adds what a source gives to a user's account. Running it once more goes on where it was interrupted.
func (s *Service) Import(ctx context.Context, user string, source Source, listen transfer.Listener) (err error) {
	user, err = s.user(ctx, user)
	if err != nil {
		return err
	}
	account, err := s.Store.Account(ctx, user)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, account.Close()) }()
	importer := transfer.NewImporter(ctx, account, s.Store.Limits(), listen)
	err = source(ctx, importer)
	importer.Abort()
	return err
}

// Export gives a user's account to a Receiver, except for messages that it has.
func (s *Service) Export(ctx context.Context, user string, have transfer.Have, to transfer.Receiver, warn func(string)) (err error) {
	user, err = s.user(ctx, user)
	if err != nil {
		return err
	}
	account, err := s.Store.Account(ctx, user)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, account.Close()) }()
	return transfer.Export(ctx, account, have, to, warn)
}

// Backup copies the data directory to another one, consistently for each account, while the directory is in use.
func (s *Service) Backup(ctx context.Context, dest string, report func(sqlitestore.Saved)) error {
	return s.Store.Backup(ctx, dest, report)
}

// answerImport is Import in the server. The body is a stream of package transfer.
func answerImport(ctx context.Context, s *Service, c call) error {
	// Whoever asked may go: then the body ends, and with it the import.
	listen := transfer.Listener{
		Progress: func(p transfer.Progress) { _ = c.say(reply{Progress: &p}) },
		Warn:     func(text string) { _ = c.say(reply{Warning: text}) },
	}
	source := func(_ context.Context, to transfer.Receiver) error { return transfer.Read(c.body, to, nil) }
	return s.Import(ctx, c.query.Get("name"), source, listen)
}

func answerBackup(ctx context.Context, s *Service, c call) error {
	return s.Backup(ctx, c.query.Get("dest"), func(saved sqlitestore.Saved) { _ = c.say(reply{Saved: &saved}) })
}

// answerExport is Export in the server. The answer is a stream of package transfer.
func (s *Service) answerExport(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close") // as in answer
	out := transfer.NewWriter(w)
	var have transfer.Have
	err := json.NewDecoder(r.Body).Decode(&have)
	if err == nil {
		warn := func(text string) { _ = out.Warn(text) }
		err = s.Export(r.Context(), r.URL.Query().Get("name"), have, out, warn)
	}
	if err != nil {
		_ = out.Fail(asError(err)) // whoever asked has gone if this fails
	}
}

// errStopped ends a source when the server wants no more.
var errStopped = errors.New("the server has stopped the import")

// Import is Service.Import. The source runs in this process.
func (c *Client) Import(ctx context.Context, user string, source Source, listen transfer.Listener) error {
	r, w := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := source(ctx, transfer.NewWriter(w))
		_ = w.CloseWithError(err) // never fails
		sent <- err
	}()
	err := c.ask(ctx, opImport, named(user), r, func(line reply) {
		if line.Progress != nil && listen.Progress != nil {
			listen.Progress(*line.Progress)
		}
		if line.Warning != "" && listen.Warn != nil {
			listen.Warn(line.Warning)
		}
	})
	_ = r.CloseWithError(errStopped) // never fails
	if e := <-sent; e != nil && !errors.Is(e, errStopped) {
		return e // it explains what the server says
	}
	return err
}

// Export is Service.Export. The Receiver is in this process.
func (c *Client) Export(ctx context.Context, user string, have transfer.Have, to transfer.Receiver, warn func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, err := json.Marshal(have)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, operationURL(opExport, named(user)), bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return &Error{Kind: Later, Text: "asking the server: " + err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server does not know %s (%s): is it another version?", opExport, response.Status)
	}
	err = transfer.Read(response.Body, to, warn)
	var failure *transfer.Failure
	var told Error
	switch {
	case errors.As(err, &failure) && json.Unmarshal(failure.Text, &told) == nil:
		return &told
	case errors.Is(err, io.ErrUnexpectedEOF) && ctx.Err() == nil:
		return errEnded
	}
	return err
}

// Backup is Service.Backup. The server writes the directory.
func (c *Client) Backup(ctx context.Context, dest string, report func(sqlitestore.Saved)) error {
	return c.ask(ctx, opBackup, url.Values{"dest": {dest}}, nil, func(line reply) {
		if line.Saved != nil {
			report(*line.Saved)
		}
	})
}
