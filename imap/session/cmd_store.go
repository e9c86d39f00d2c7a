package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
	"github.com/imapsrv/imapsrv/store"
)

// Store answers STORE and UID STORE (RFC 9051 §6.4.6).
func (s *session) Store(ctx context.Context, _ string, cmd *imap.Store) error {
	v := s.view
	if v.readOnly {
		return errReadOnly
	}
	if cmd.Modifiers != nil {
		return bad("Unknown modifier")
	}
	if err := settable(cmd.Flags); err != nil {
		return err
	}
	set, err := s.resolveSet(cmd.Set, cmd.UID)
	if err != nil {
		return err
	}
	gone := !cmd.UID && v.anyGone(set)
	if err := s.storeFlags(ctx, set, flagOp(cmd.Op), cmd.Flags); err != nil {
		return err
	}
	if !cmd.Silent {
		s.tellFlags(v, set, cmd.UID)
	}
	if gone {
		return no(imap.CodeExpungeIssued, "Some of the messages no longer exist")
	}
	return nil
}

// flagOp is the store's name for a form of STORE.
func flagOp(op imap.StoreOp) store.FlagOp {
	switch op {
	case imap.StoreOpAdd:
		return store.FlagsAdd
	case imap.StoreOpRemove:
		return store.FlagsRemove
	}
	return store.FlagsReplace
}

// storeFlags changes flags of messages of the selected mailbox. The client is
// not told by itself: it asked for the change, and the caller answers.
func (s *session) storeFlags(ctx context.Context, set imap.UIDSet, op store.FlagOp, fs imap.FlagSet) error {
	if len(set) == 0 {
		return nil
	}
	m := s.view.m
	var r store.StoreResult
	err := m.changing(ctx, func() (d *store.Delta, err error) {
		r, err = s.hub.acct.StoreFlags(ctx, m.id, set, store.FlagChange{Op: op, Flags: fs})
		return deltaOf(&r.Effect, r.Changed, nil), err
	})
	if err != nil || r.Changed.Len() == 0 {
		return err
	}
	s.view.knows(r.ModSeq)
	return nil
}

// knows drops a change that the client knows of from what is to be told.
func (v *view) knows(modSeq imap.ModSeq) {
	v.m.mu.RLock()
	defer v.m.mu.RUnlock()
	v.changed.forget(modSeq)
}
