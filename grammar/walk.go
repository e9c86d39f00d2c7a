package grammar

// walk visits n and everything below it.
func (n *Node) walk(f func(*Node)) {
	f(n)
	for _, k := range n.Kids {
		k.walk(f)
	}
}

// directive finds an annotation by name.
func (r *Rule) directive(name string) *Directive {
	for _, d := range r.Directives {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// roots are the names of the rules with `;@ root`.
func (g *Grammar) roots() []string {
	var names []string
	for _, r := range g.Order {
		if r.directive("root") != nil {
			names = append(names, r.Name)
		}
	}
	return names
}

// structural are the rules that roots use outside of leaves.
func (g *Grammar) structural(roots []string) map[string]bool {
	seen := map[string]bool{}
	for _, name := range roots {
		g.reach(foldName(name), seen, func(r *Rule) bool { return r.directive("leaf") == nil })
	}
	return seen
}

// reach marks the rule and what it uses; into tells whose bodies to look at.
func (g *Grammar) reach(name string, seen map[string]bool, into func(*Rule) bool) {
	r := g.Rules[name]
	if r == nil || seen[name] {
		return
	}
	seen[name] = true
	if into(r) {
		r.Body.walk(func(n *Node) {
			if n.Op == Ref {
				g.reach(n.Name, seen, into)
			}
		})
	}
}
