package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/imapsrv/imapsrv/imap/session"
	"github.com/imapsrv/imapsrv/internal/transfer"
	"github.com/imapsrv/imapsrv/store/sqlitestore"
)

// Operations are the names of what can be asked for: the path of the request. What an operation needs is in the query;
// what is secret or large is in the body.
const (
	opAddUser     = "/user/add"
	opSetPassword = "/user/passwd"
	opListUsers   = "/user/list"
	opRemoveUser  = "/user/del"
	opDeliver     = "/deliver"
	opCheck       = "/check"
	opImport      = "/import"
	opExport      = "/export"
	opBackup      = "/backup"
	opTunnel      = "/tunnel"
)

// upgradeProtocol is what a tunnel's connection is upgraded to.
const upgradeProtocol = "imap"

// reply is one line of an answer. The last line has Done; without it the server has ended in between.
type reply struct {
	Done  bool               `json:"done,omitempty"`
	Error *Error             `json:"error,omitempty"`
	Users []sqlitestore.User `json:"users,omitempty"`

	Problem  *sqlitestore.Problem `json:"problem,omitempty"`
	Progress *transfer.Progress   `json:"progress,omitempty"`
	Saved    *sqlitestore.Saved   `json:"saved,omitempty"`
	Warning  string               `json:"warning,omitempty"`
}

// call is one operation under way in the server.
type call struct {
	query url.Values
	body  io.Reader
	say   func(reply) error // sends a line that is not the last
}

// operations are those that answer with lines.
var operations = map[string]func(ctx context.Context, s *Service, c call) error{
	opAddUser: func(ctx context.Context, s *Service, c call) error {
		return withPassword(c, func(name, password string) error { return s.AddUser(ctx, name, password) })
	},
	opSetPassword: func(ctx context.Context, s *Service, c call) error {
		return withPassword(c, func(name, password string) error { return s.SetPassword(ctx, name, password) })
	},
	opListUsers: func(ctx context.Context, s *Service, c call) error {
		list, err := s.ListUsers(ctx)
		if err != nil {
			return err
		}
		return c.say(reply{Users: list})
	},
	opRemoveUser: func(ctx context.Context, s *Service, c call) error {
		return s.RemoveUser(ctx, c.query.Get("name"), c.query.Has("purge"))
	},
	opDeliver: func(ctx context.Context, s *Service, c call) error {
		return s.Deliver(ctx, c.query.Get("name"), c.body)
	},
	opCheck: func(ctx context.Context, s *Service, c call) error {
		var gone error // whoever asked: the context ends the check
		err := s.Check(ctx, c.query.Has("repair"), func(p sqlitestore.Problem) {
			gone = errors.Join(gone, c.say(reply{Problem: &p}))
		})
		return errors.Join(err, gone)
	},
	opImport: answerImport,
	opBackup: answerBackup,
}

// withPassword gives a function the name in the query and the password in the body, which never is in a URL.
func withPassword(c call, do func(name, password string) error) error {
	const most = 64 << 10
	password, err := io.ReadAll(io.LimitReader(c.body, most))
	if err != nil {
		return err
	}
	return do(c.query.Get("name"), string(password))
}

// Handler answers a Client. Tunnels are sessions of the server given.
func (s *Service) Handler(server *session.Server) http.Handler {
	mux := http.NewServeMux()
	for path, run := range operations {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, run) })
	}
	mux.HandleFunc("POST "+opExport, s.answerExport)
	mux.HandleFunc("POST "+opTunnel, func(w http.ResponseWriter, r *http.Request) { s.answerTunnel(w, r, server) })
	return mux
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, run func(context.Context, *Service, call) error) {
	control := http.NewResponseController(w)
	// One connection an operation: a body that is still being read when the last line goes out is not there for the next.
	w.Header().Set("Connection", "close")
	// Lines go out while the body is being read.
	_ = control.EnableFullDuplex() // HTTP/1.1 always can
	lines := json.NewEncoder(w)
	say := func(line reply) error {
		if err := lines.Encode(line); err != nil {
			return err
		}
		return control.Flush()
	}
	err := run(r.Context(), s, call{query: r.URL.Query(), body: r.Body, say: say})
	_ = say(reply{Done: true, Error: asError(err)}) // whoever asked has gone if this fails
}

// answerTunnel makes the connection a session.
func (s *Service) answerTunnel(w http.ResponseWriter, r *http.Request, server *session.Server) {
	name, err := s.user(r.Context(), r.URL.Query().Get("name"))
	if err != nil {
		_ = json.NewEncoder(w).Encode(reply{Done: true, Error: asError(err)}) // as in answer
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + upgradeProtocol + "\r\n\r\n"
	if _, err := io.WriteString(conn, switching); err != nil {
		_ = conn.Close() // nobody is there
		return
	}
	// Nothing of what the client says next can have been read before: it waits for the switch.
	_ = s.Tunnel(r.Context(), server, name, conn) // the engine logs what is wrong with a session
}
