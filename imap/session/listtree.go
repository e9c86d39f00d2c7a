package session

import (
	"cmp"
	"slices"
	"strings"
)

// listName is a name that LIST may show: a mailbox, a subscription or both.
type listName struct {
	Name       string
	Exists     bool // it is a mailbox
	Subscribed bool
	SpecialUse bool // it has an attribute of RFC 6154
}

// listQuery is what a LIST command asks for, in canonical form.
type listQuery struct {
	Patterns   []*listPattern
	Subscribed bool // selection option SUBSCRIBED
	SpecialUse bool // selection option SPECIAL-USE
	Recursive  bool // selection option RECURSIVEMATCH
	LSub       bool // the obsolete LSUB, whose "%" also shows levels
}

// listHit is one name to show.
type listHit struct {
	listName
	Selected    bool // it meets the selection criteria itself
	HasChildren bool // a mailbox exists below it
	ChildInfo   bool // with Recursive: a name below meets the criteria
}

// listNode is a name in the tree while LIST works on it.
type listNode struct {
	listHit
	matches bool
	hidden  bool // a name below is selected and not shown: its pattern does not match
	below   bool // a name below is selected
}

// selectNames returns the names that a query shows, sorted. It follows the
// general principles of RFC 9051 §6.3.9.3: a name that does not meet the
// criteria is shown only for a name below it that meets them and does not match.
func selectNames(names []listName, q listQuery) []listHit {
	tree := listTree(names)
	for _, n := range tree {
		n.matches = q.match(n.Name)
		n.Selected = q.selects(n.listName)
	}
	for _, n := range tree {
		tree.tellSuperiors(n)
	}
	var hits []listHit
	for _, n := range tree {
		if !q.shows(n) {
			continue
		}
		n.ChildInfo = q.Recursive && n.below
		hits = append(hits, n.listHit)
	}
	slices.SortFunc(hits, func(a, b listHit) int { return compareNames(a.Name, b.Name) })
	return hits
}

// compareNames puts INBOX first and names below a name right after it.
func compareNames(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == inboxName:
		return -1
	case b == inboxName:
		return 1
	}
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return cmp.Compare(rankAt(a, n), rankAt(b, n))
}

// rankAt is the place of an octet of a name in the order of names: the end comes
// before the separator, and that before all others.
func rankAt(name string, i int) int {
	switch {
	case i == len(name):
		return -1
	case name[i] == separator:
		return 0
	}
	return 1 + int(name[i])
}

// match reports whether any pattern matches the name.
func (q listQuery) match(name string) bool {
	return slices.ContainsFunc(q.Patterns, func(p *listPattern) bool { return p.match(name) })
}

// matchLevel reports whether a pattern that ends in "%" matches the name: such
// patterns also show levels of hierarchy that are no mailboxes.
func (q listQuery) matchLevel(name string) bool {
	return slices.ContainsFunc(q.Patterns, func(p *listPattern) bool { return p.suffix && p.match(name) })
}

// selects reports whether the name meets the criteria. They are cumulative;
// without any, all mailboxes meet them.
func (q listQuery) selects(n listName) bool {
	if !q.Subscribed && !q.SpecialUse {
		return n.Exists
	}
	return (!q.Subscribed || n.Subscribed) && (!q.SpecialUse || n.SpecialUse)
}

// shows reports whether the name is part of the answer.
func (q listQuery) shows(n *listNode) bool {
	switch {
	case !n.matches:
		return false
	case n.Selected:
		return true
	case !n.hidden:
		return false
	case q.Recursive:
		return true
	case q.LSub:
		return q.matchLevel(n.Name)
	}
	return !n.Exists && !q.Subscribed && !q.SpecialUse && q.matchLevel(n.Name)
}

// nameTree holds all names and all levels above them.
type nameTree map[string]*listNode

func listTree(names []listName) nameTree {
	tree := make(nameTree, len(names))
	for _, n := range names {
		node := tree.node(n.Name)
		node.listName = n
		for level := superior(n.Name); level != ""; level = superior(level) {
			above := tree.node(level)
			above.HasChildren = above.HasChildren || n.Exists
		}
	}
	return tree
}

// node returns the node of a name, new if need be.
func (t nameTree) node(name string) *listNode {
	n := t[name]
	if n == nil {
		n = &listNode{}
		n.Name = name
		t[name] = n
	}
	return n
}

// tellSuperiors marks the levels above a selected name.
func (t nameTree) tellSuperiors(n *listNode) {
	if !n.Selected {
		return
	}
	for level := superior(n.Name); level != ""; level = superior(level) {
		above := t[level]
		above.below = true
		above.hidden = above.hidden || !n.matches
	}
}

// superior is the name one level up, "" at the top.
func superior(name string) string {
	i := strings.LastIndexByte(name, separator)
	if i < 0 {
		return ""
	}
	return name[:i]
}
