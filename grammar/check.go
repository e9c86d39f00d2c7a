package grammar

import (
	"slices"
	"strings"
)

// Check looks for what makes no sense in a grammar that was read without errors:
// rules that are used but not defined, or defined but not used by any root;
// left recursion; repetitions of what can be empty; annotations that contradict
// their rule; and, where there is nothing of that, conflicts.
//
// The roots are the given rules, or those with a root annotation. The errors are
// joined, sorted by place; each is an [*Error].
func (g *Grammar) Check(roots ...string) error {
	c := &checker{g: g, sets: g.firstSets(), roots: roots}
	if len(roots) == 0 {
		c.roots = g.roots()
	}
	for _, r := range g.Order {
		c.rule(r)
	}
	c.unused()
	if len(c.errs) > 0 {
		return c.err()
	}
	c.errs = append(c.errs, g.conflicts(c.roots)...)
	return c.err()
}

// A checker looks at one rule after the other.
type checker struct {
	report
	g     *Grammar
	sets  *Sets
	roots []string
}

func (c *checker) rule(r *Rule) {
	c.references(r)
	c.loops(r)
	c.hook(r)
	if cycle := c.leftRecursion(r); cycle != nil {
		c.add(r.Pos, r.Spelling, "left-recursive: %s; rewrite it as a repetition, x *(SP x)", strings.Join(cycle, " -> "))
	}
}

// references reports rules that nobody defines.
func (c *checker) references(r *Rule) {
	r.Body.walk(func(n *Node) {
		if n.Op == Ref && c.g.Rules[n.Name] == nil {
			c.add(n.Pos, r.Spelling, "rule %s is not defined; define it, load the file that does, or correct the name", n.Name)
		}
	})
}

// loops reports unbounded repetitions of what can match nothing.
func (c *checker) loops(r *Rule) {
	r.Body.walk(func(n *Node) {
		if n.Op == Rep && n.Max < 0 && c.sets.Nullable(n.Kids[0]) {
			c.add(n.Pos, r.Spelling, "%s repeats what can be empty; make the repeated part match at least one octet", n)
		}
	})
}

// hook reports rules that are empty without saying so.
func (c *checker) hook(r *Rule) {
	d := r.directive("hook")
	switch {
	case d != nil:
		d.Used = true
	case r.Body.empty():
		c.add(r.Pos, r.Spelling, "the rule is empty; write %q before it if extensions are to fill it", ";@ hook")
	}
}

// leftRecursion is the shortest way from a rule back to its own beginning, or nil.
func (c *checker) leftRecursion(r *Rule) []string {
	from := map[string]string{}
	queue := []string{r.Name}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, next := range c.leftmost(c.g.Rules[name].Body) {
			if next == r.Name {
				return c.trace(r.Name, name, from)
			}
			if _, seen := from[next]; !seen && c.g.Rules[next] != nil {
				from[next] = name
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// trace lists the rules from root to last and back to root.
func (c *checker) trace(root, last string, from map[string]string) []string {
	way := []string{root}
	for name := last; name != root; name = from[name] {
		way = append(way, name)
	}
	way = append(way, root)
	slices.Reverse(way)
	return way
}

// leftmost are the rules that can stand at the very beginning of n.
func (c *checker) leftmost(n *Node) []string {
	if n.Op == Ref {
		return []string{n.Name}
	}
	var names []string
	for _, k := range n.Kids {
		names = append(names, c.leftmost(k)...)
		if n.Op == Seq && !c.sets.Nullable(k) {
			break
		}
	}
	return names
}

// unused reports rules that no root needs, and roots that do not exist.
func (c *checker) unused() {
	seen := map[string]bool{}
	for _, name := range c.roots {
		if c.g.Rules[foldName(name)] == nil {
			c.add(Pos{}, name, "the root is not defined; name a rule of the grammar")
		}
		c.g.reach(foldName(name), seen, func(*Rule) bool { return true })
	}
	for _, r := range c.g.Order {
		if !seen[r.Name] {
			c.add(r.Pos, r.Spelling, "no root uses the rule; use it, remove it, or make it one with %q", ";@ root")
		}
	}
}

// UnusedAnnotations reports annotations and notes that nobody honoured: what reads
// a grammar sets Used on those that it understood.
func (g *Grammar) UnusedAnnotations() []error {
	var rep report
	for _, r := range g.Order {
		for _, d := range r.Directives {
			if !d.Used {
				rep.add(d.Pos, r.Spelling, "the annotation %q changes nothing; remove it", ";@ "+d.Name)
			}
		}
		r.Body.walk(func(n *Node) {
			rep.unusedNote(r, n.Field, ";.")
			rep.unusedNote(r, n.Case, ";=")
		})
	}
	return rep.list()
}

func (r *report) unusedNote(rule *Rule, n *Note, sigil string) {
	if n != nil && !n.Used {
		name := n.Name
		if name == "" {
			name = "_"
		}
		r.add(n.Pos, rule.Spelling, "the note %q changes nothing; remove it", sigil+name)
	}
}
