package session

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listNames reads "name", "name!" (subscribed), "-name!" (subscribed, no
// mailbox) and "name^" (special use).
func listNames(text string) []listName {
	var names []listName
	for _, word := range strings.Fields(text) {
		n := listName{Exists: true}
		word, missing := strings.CutPrefix(word, "-")
		n.Exists = !missing
		word, n.SpecialUse = strings.CutSuffix(word, "^")
		word, n.Subscribed = strings.CutSuffix(word, "!")
		n.Name = word
		names = append(names, n)
	}
	return names
}

// showHits writes hits as "name", with - no mailbox, + children, ! subscribed,
// ? not selected itself, ( CHILDINFO.
func showHits(hits []listHit) string {
	var out []string
	for _, h := range hits {
		s := h.Name
		for _, m := range []struct {
			on   bool
			mark string
		}{{!h.Exists, "-"}, {h.HasChildren, "+"}, {h.Subscribed, "!"}, {!h.Selected, "?"}, {h.ChildInfo, "("}} {
			if m.on {
				s += m.mark
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestSelectNames(t *testing.T) {
	const (
		fruit = "INBOX! Fruit Fruit/Apple Fruit/Banana! -Fruit/Peach! Tofu Vegetable! Vegetable/Broccoli! Vegetable/Corn"
		foo   = "INBOX Foo Foo/Bar Foo/Baz! Moo"
		bar2  = "INBOX foo2 foo2/bar1! foo2/bar2! baz2 baz2/bar2! baz2/bar22! baz2/bar222! eps2! eps2/mamba! qux2/bar2!"
	)
	subscribed := listQuery{Subscribed: true}
	recursive := listQuery{Subscribed: true, Recursive: true}
	lsub := listQuery{Subscribed: true, LSub: true}
	tests := []struct {
		name, names, patterns string
		query                 listQuery
		want                  string
	}{
		{"example 1", fruit, "*", listQuery{}, "INBOX! Fruit+ Fruit/Apple Fruit/Banana! Tofu Vegetable+! Vegetable/Broccoli! Vegetable/Corn"},
		{"example 2", fruit, "*", subscribed, "INBOX! Fruit/Banana! Fruit/Peach-! Vegetable+! Vegetable/Broccoli!"},
		{"example 3", fruit, "%", listQuery{}, "INBOX! Fruit+ Tofu Vegetable+!"},
		{"example 7A", foo, "*", subscribed, "Foo/Baz!"},
		{"example 7A %", foo, "%", subscribed, ""},
		{"example 7A recursive", foo, "%", recursive, "Foo+?("},
		{"example 7A1", "Foo! Foo/Bar Foo/Baz! Moo", "%", recursive, "Foo+!("},
		{"example 7A2", "Foo/Bar Foo/Baz! Moo", "%", recursive, "Foo-+?("},
		{"example 7B", "Foo Foo/Bar Foo/Baz Moo", "%", recursive, ""},
		{"example 7C", "Foo! Foo/Bar Foo/Baz Moo!", "%", recursive, "Foo+! Moo!"},
		{"example 8", bar2, "*2", recursive, "baz2/bar2! baz2/bar22! baz2/bar222! eps2+!( foo2+?( foo2/bar2! qux2/bar2!"},
		{"example 9", "foo -foo/bar!", "foo", recursive, "foo?("},
		{"example 9 LIST", "foo -foo/bar!", "foo", subscribed, ""},
		{"example 10", "music/rock", "%", listQuery{}, "music-+?"},
		{"example 10 *", "music/rock", "*", listQuery{}, "music/rock"},
		{"example 10 both", "music/rock", "% music/rock", listQuery{}, "music/rock"},
		{"deep level", "a/b/c/d", "a/%", listQuery{}, "a/b-+?"},
		{"level of a missing subscription only", "-a/b!", "%", listQuery{}, ""},
		{"subscription below a missing level below a mailbox", "a/x -a/x/y/z! a/x/y/q", "a/x/%", recursive, "a/x/y-+?("},
		{"order", "a a-b a/b INBOX Z", "*", listQuery{}, "INBOX Z a+ a/b a-b"},
		{"special use", "Sent^ Drafts^ x", "*", listQuery{SpecialUse: true}, "Drafts Sent"},
		{"special use and subscribed", "Sent!^ Drafts^ x!", "*", listQuery{SpecialUse: true, Subscribed: true}, "Sent!"},
		{"special use recursive", "a a/Sent^", "%", listQuery{SpecialUse: true, Recursive: true}, "a+?("},
		{"LSUB", "foo foo/bar! baz! -gone!", "*", lsub, "baz! foo/bar! gone-!"},
		{"LSUB %", "foo foo/bar! baz!", "%", lsub, "baz! foo+?"},
		{"LSUB % missing", "-foo/bar!", "%", lsub, "foo-?"},
		{"LSUB exact", "foo foo/bar!", "foo", lsub, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := tt.query
			for _, p := range strings.Fields(tt.patterns) {
				q.Patterns = append(q.Patterns, compileListPattern(p))
			}
			got := showHits(selectNames(listNames(tt.names), q))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
