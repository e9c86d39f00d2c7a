package session

import (
	"context"
	"net"
	"sync"
	"time"
)

// penalties makes clients wait that fail to authenticate: longer each time, by
// address. The time to wait is halved for each minute of peace.
type penalties struct {
	first, most time.Duration

	mu sync.Mutex
	by map[string]penalty
}

// penalty is one address.
type penalty struct {
	failures int
	last     time.Time
}

const (
	// penaltyAge is how long failures are remembered.
	penaltyAge = 15 * time.Minute
	// maxPenalties bounds the addresses remembered. Beyond it old ones are
	// dropped, then any.
	maxPenalties = 50_000
)

func (p *penalties) init(l Limits) {
	p.first, p.most = l.AuthDelay, l.MaxAuthDelay
	p.by = make(map[string]penalty)
}

// networkOf is what the connections and failures of an address are counted by:
// the address, or its /64 in IPv6, which one client can have all of. It is empty
// for peers without an IP address.
func networkOf(a net.Addr) string {
	ip, ok := ipOf(a)
	if !ok {
		return ""
	}
	if ip.To4() == nil {
		ip = ip.Mask(net.CIDRMask(64, 128))
	}
	return ip.String()
}

// wait counts a failure and makes the client wait for it, or until stop is
// closed.
func (p *penalties) wait(ctx context.Context, stop <-chan struct{}, a net.Addr) {
	delay := p.next(networkOf(a), time.Now())
	if delay <= 0 {
		return
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-stop:
	}
}

// next counts a failure and returns the delay for it.
func (p *penalties) next(key string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.by) >= maxPenalties {
		p.makeRoom(now)
	}
	e := p.by[key]
	if now.Sub(e.last) > penaltyAge {
		e = penalty{}
	}
	delay := p.first
	for i := 0; i < e.failures && delay < p.most; i++ {
		delay *= 2
	}
	p.by[key] = penalty{e.failures + 1, now}
	return min(delay, max(p.most, 0))
}

// makeRoom drops addresses: the old ones, or else any. It drops many at a time,
// since looking for them takes a while.
func (p *penalties) makeRoom(now time.Time) {
	for key, e := range p.by {
		if now.Sub(e.last) > penaltyAge {
			delete(p.by, key)
		}
	}
	for key := range p.by {
		if len(p.by) <= maxPenalties*9/10 {
			return
		}
		delete(p.by, key)
	}
}

// forgive forgets the failures of an address.
func (p *penalties) forgive(a net.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.by, networkOf(a))
}
