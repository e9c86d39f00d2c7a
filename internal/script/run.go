package script

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Env is the server under test, as a script sees it.
type Env interface {
	// Setup carries out one setup directive.
	Setup(ctx context.Context, s *Script, d Directive) error
	// Dial opens connection number n.
	Dial(ctx context.Context, n int) (net.Conn, error)
}

// Timeout is how long a response may take.
const Timeout = 10 * time.Second

// Quiet is how long the server must be silent for (none).
const Quiet = 50 * time.Millisecond

// Run plays the script and returns the first disagreement, with file and line.
func Run(ctx context.Context, s *Script, env Env) error {
	r := &runner{script: s, env: env, ctx: ctx, peers: map[int]*peer{}, vars: map[string]string{}}
	defer r.closeAll()
	for _, d := range s.Setup {
		if err := env.Setup(ctx, s, d); err != nil {
			return fmt.Errorf("%s:%d: setup: %w", s.Name, d.Line, err)
		}
	}
	for r.next < len(s.Steps) {
		step := s.Steps[r.next]
		if err := r.step(step); err != nil {
			return fmt.Errorf("%s:%d: %w\n%s", s.Name, step.Line, err, r.tail())
		}
	}
	return nil
}

// runner is the state of one run.
type runner struct {
	script *Script
	env    Env
	ctx    context.Context
	next   int // index of the next step
	peers  map[int]*peer
	vars   map[string]string
	tags   int
	log    []string // what went over the wires, for messages
}

func (r *runner) closeAll() {
	for _, p := range r.peers {
		p.close()
	}
}

// step carries out the next step and moves past all steps that it used up.
func (r *runner) step(step Step) error {
	r.next++
	if step.Kind == Wait {
		time.Sleep(step.Wait)
		return nil
	}
	p, err := r.peer(step.Conn)
	if err != nil {
		return err
	}
	switch step.Kind {
	case Send:
		return r.send(p, step)
	case SendRaw:
		return p.write([]byte(expand(step.Text, r.vars)))
	case Do:
		return r.do(p, step)
	case Close:
		p.close()
		return nil
	case StartTLS:
		return p.startTLS(r.ctx)
	}
	return r.server(p, step)
}

func (r *runner) server(p *peer, step Step) error {
	switch step.Kind {
	case Expect, Match:
		return r.expect(p, step)
	case AnyOrder:
		return r.group(p)
	case Skip:
		return r.skip(p)
	case None:
		return p.wantNone()
	case EOF:
		return p.wantEOF()
	}
	return fmt.Errorf("step out of place")
}

// peer returns connection n, opened if need be.
func (r *runner) peer(n int) (*peer, error) {
	if p := r.peers[n]; p != nil {
		return p, nil
	}
	conn, err := r.env.Dial(r.ctx, n)
	if err != nil {
		return nil, err
	}
	p := newPeer(conn, func(side, text string) {
		r.log = append(r.log, fmt.Sprintf("%s%d: %s", side, n, strings.ReplaceAll(text, "\r\n", "\n    ")))
	})
	r.peers[n] = p
	return p, nil
}

// send writes a client line; {=file} at its end becomes a literal.
func (r *runner) send(p *peer, step Step) error {
	text := expand(step.Text, r.vars)
	text, file, err := r.announce(text)
	if err != nil {
		return err
	}
	if err := p.write([]byte(p.queued + text + "\r\n")); err != nil {
		return err
	}
	p.queued = string(file)
	if file != nil && strings.HasSuffix(text, "+}") {
		return nil // sent in front of the next line, without waiting
	}
	return nil
}

// announce replaces a final {=name} by the length of that file.
func (r *runner) announce(text string) (line string, file []byte, err error) {
	start := strings.LastIndex(text, "{=")
	if start < 0 || !strings.HasSuffix(text, "}") {
		return text, nil, nil
	}
	name, plus := strings.TrimSuffix(text[start+2:], "}"), ""
	if trimmed, ok := strings.CutSuffix(name, "+"); ok {
		name, plus = trimmed, "+"
	}
	name, times := repetition(name)
	file, ok := r.script.File(name)
	if !ok {
		return "", nil, fmt.Errorf("no file %q in the archive", name)
	}
	file = bytes.Repeat(file, times)
	return fmt.Sprintf("%s{%d%s}", text[:start], len(file), plus), file, nil
}

// repetition splits name*n.
func repetition(s string) (name string, times int) {
	name, count, found := strings.Cut(s, "*")
	if n, err := strconv.Atoi(count); found && err == nil {
		return name, n
	}
	return s, 1
}

// do sends a command, skips untagged responses and wants OK.
func (r *runner) do(p *peer, step Step) error {
	if !p.greeted {
		if _, err := p.read(); err != nil {
			return err
		}
	}
	r.tags++
	tag := fmt.Sprintf("do%d", r.tags)
	if err := p.write([]byte(tag + " " + expand(step.Text, r.vars) + "\r\n")); err != nil {
		return err
	}
	for {
		got, err := p.read()
		if err != nil {
			return err
		}
		if strings.HasPrefix(got, tag+" OK") {
			return nil
		}
		if !strings.HasPrefix(got, "* ") {
			return fmt.Errorf("%s failed:\n  got %s", step.Text, got)
		}
	}
}

// expect reads one response and compares.
func (r *runner) expect(p *peer, step Step) error {
	want, err := r.wanted(step)
	if err != nil {
		return err
	}
	got, err := p.read()
	if err != nil {
		return fmt.Errorf("want %s: %w", want.text, err)
	}
	if !want.match(got, r.vars) {
		return mismatch(want, got)
	}
	return nil
}

// skip reads untagged responses until the next step's matches.
func (r *runner) skip(p *peer) error {
	if r.next >= len(r.script.Steps) {
		return fmt.Errorf("(skip) needs a response after it")
	}
	step := r.script.Steps[r.next]
	r.next++
	want, err := r.wanted(step)
	if err != nil {
		return err
	}
	for {
		got, err := p.read()
		if err != nil {
			return fmt.Errorf("want %s: %w", want.text, err)
		}
		if want.match(got, r.vars) {
			return nil
		}
		if !strings.HasPrefix(got, "* ") {
			return mismatch(want, got)
		}
	}
}

// group reads the responses of an (any order) group.
func (r *runner) group(p *peer) error {
	var wants []wanted
	for {
		if r.next >= len(r.script.Steps) {
			return fmt.Errorf("(any order) without (end)")
		}
		step := r.script.Steps[r.next]
		r.next++
		if step.Kind == End {
			break
		}
		want, err := r.wanted(step)
		if err != nil {
			return err
		}
		wants = append(wants, want)
	}
	for len(wants) > 0 {
		got, err := p.read()
		if err != nil {
			return fmt.Errorf("%w\n%s", err, list("still wanted", wants))
		}
		i := r.find(wants, got)
		if i < 0 {
			return fmt.Errorf("unexpected response\n  got  %s\n%s", got, list("still wanted", wants))
		}
		wants = append(wants[:i:i], wants[i+1:]...)
	}
	return nil
}

// find returns the first wanted response that got matches, or -1.
func (r *runner) find(wants []wanted, got string) int {
	for i, w := range wants {
		if w.match(got, r.vars) {
			return i
		}
	}
	return -1
}
