package grammar

import "slices"

// conflicts reports choices that neither a whole keyword nor the first octet
// decides, as errors that show a common beginning. A choice is between two
// alternatives, or between another turn of an optional or repeated element and
// what comes after it.
//
// Not a conflict are: a keyword before an alternative that is generic, because a
// whole token is looked up before it is taken for anything else; optional
// punctuation, which is taken where it stands; numbers that several alternatives
// begin with, because what follows the number decides. Leaves are the runtime's
// business. `;@ prefer` on a rule acknowledges the rest: the first alternative wins.
//
// The grammar must be free of undefined rules and left recursion.
func (g *Grammar) conflicts(roots []string) []*Error {
	c := &conflicts{Sets: g.firstSets(), roots: map[string]bool{}, uses: map[string][]*path{}}
	for _, name := range roots {
		c.roots[foldName(name)] = true
	}
	structural := g.structural(roots)
	rules := slices.DeleteFunc(slices.Clone(g.Order), func(r *Rule) bool {
		return r.directive("leaf") != nil || !structural[r.Name]
	})
	for _, r := range rules {
		c.findUses(r.Body, &path{end: r.Name})
	}
	for _, r := range rules {
		c.rule = r
		c.visit(r.Body, &path{end: r.Name})
	}
	return c.errs
}

// conflicts looks for conflicts in one rule after the other.
type conflicts struct {
	*Sets
	report
	rule  *Rule
	roots map[string]bool
	// uses are the paths behind every use of a rule.
	uses map[string][]*path
}

// findUses notes what follows the rules that n uses.
func (c *conflicts) findUses(n *Node, rest *path) {
	switch n.Op {
	case Ref:
		c.uses[n.Name] = append(c.uses[n.Name], rest)
	case Alt:
		for _, k := range n.Kids {
			c.findUses(k, rest)
		}
	case Seq:
		for i := len(n.Kids) - 1; i >= 0; i-- {
			c.findUses(n.Kids[i], rest)
			rest = &path{node: n.Kids[i], rest: rest}
		}
	case Rep:
		c.findUses(n.Kids[0], &path{node: again(n), rest: rest})
	}
}

// A path is what is still to be matched: an element, then the rest. It ends with
// the end of a rule, behind which any use of the rule may go on.
type path struct {
	node *Node
	rest *path
	end  string
}

// visit looks at every choice in n, which rest follows.
func (c *conflicts) visit(n *Node, rest *path) {
	switch n.Op {
	case Alt:
		for i, a := range n.Kids {
			for _, b := range n.Kids[i+1:] {
				c.choice(b.Pos, a.String(), b.String(), &path{node: a, rest: rest}, &path{node: b, rest: rest})
			}
			c.visit(a, rest)
		}
	case Seq:
		for i := len(n.Kids) - 1; i >= 0; i-- {
			c.visit(n.Kids[i], rest)
			rest = &path{node: n.Kids[i], rest: rest}
		}
	case Rep:
		if n.Min != n.Max && !punctuation(n.Kids[0]) && !c.First(n).Empty() {
			c.choice(n.Pos, n.String(), "what follows it", &path{node: n.Kids[0], rest: &path{node: again(n), rest: rest}}, rest)
		}
		c.visit(n.Kids[0], &path{node: again(n), rest: rest})
	}
}

// again is what remains of a repetition after one turn.
func again(n *Node) *Node {
	k := *n
	k.Min = max(0, n.Min-1)
	if n.Max > 0 {
		k.Max--
	}
	return &k
}

// punctuation reports whether the node is a constant without letters.
func punctuation(n *Node) bool {
	return n.Op == Literal && !hasLetter(n.Text) || n.Op == Ref && n.Name == "sp"
}

func hasLetter(s string) bool {
	return slices.ContainsFunc([]byte(s), asciiLetters.Has)
}

// choice compares two ways to go on and reports what does not tell them apart.
func (c *conflicts) choice(pos Pos, first, second string, a, b *path) {
	sample, clash := c.clash(a, b, 0)
	if !clash {
		return
	}
	if p := c.rule.directive("prefer"); p != nil {
		p.Used = true
		return
	}
	c.add(pos, c.rule.Spelling, "%s and %s can both begin with %q; reword the rule, move the generic "+
		"alternative to the end, or acknowledge with %q that the first one wins", first, second, sample, ";@ prefer first")
}

// maxTokens bounds how far two paths are compared; paths that have so many
// tokens in common are taken for a conflict.
const maxTokens = 40

// clash reports whether two paths begin with the same tokens and nothing decides.
func (c *conflicts) clash(a, b *path, depth int) (sample string, clash bool) {
	if depth > maxTokens {
		return "…", true
	}
	for _, x := range c.openings(a, map[string]bool{}) {
		for _, y := range c.openings(b, map[string]bool{}) {
			if s, ok := c.compare(x, y, depth); ok {
				return s, true
			}
		}
	}
	return "", false
}

// An opening is one way in which a path can begin: with a constant, with an octet
// of a set, or with the end of everything.
type opening struct {
	text  string // of a constant
	exact bool
	set   ByteSet // of anything else
	end   bool
	digit bool // the set begins a number, which is skipped as a whole
	rest  *path
}

// openings lists the ways in which a path can begin. seen are the rules behind
// whose end it looked already.
func (c *conflicts) openings(p *path, seen map[string]bool) []opening {
	if p.node == nil {
		return c.behind(p.end, seen)
	}
	n := p.node
	switch n.Op {
	case Literal:
		if n.Text == "" {
			return c.openings(p.rest, seen)
		}
		return []opening{{text: n.Text, exact: n.Exact, rest: p.rest}}
	case Class:
		if b, _ := n.Set.First(); n.Set.Len() == 1 {
			return []opening{{text: string([]byte{b}), exact: true, rest: p.rest}}
		}
		return []opening{{set: n.Set, rest: p.rest}}
	case Ref:
		return c.refOpenings(n, p.rest, seen)
	case Seq:
		rest := p.rest
		for i := len(n.Kids) - 1; i >= 0; i-- {
			rest = &path{node: n.Kids[i], rest: rest}
		}
		return c.openings(rest, seen)
	case Alt:
		return c.altOpenings(n, p.rest, seen)
	}
	return c.repOpenings(n, p.rest, seen)
}

// altOpenings looks into alternatives; those that are one class of octets are one set.
func (c *conflicts) altOpenings(n *Node, rest *path, seen map[string]bool) []opening {
	if set, classes := c.oneOctet(n); classes {
		return []opening{{set: set, rest: rest}}
	}
	var all []opening
	for _, k := range n.Kids {
		all = append(all, c.openings(&path{node: k, rest: rest}, seen)...)
	}
	return all
}

// oneOctet is the set of what n matches, if that is always one octet and a class
// of several is among it.
func (c *conflicts) oneOctet(n *Node) (set ByteSet, class bool) {
	switch n.Op {
	case Class:
		return n.Set, n.Set.Len() > 1
	case Ref:
		return c.oneOctet(c.g.Rules[n.Name].Body)
	case Alt:
		for _, k := range n.Kids {
			s, ok := c.oneOctet(k)
			if !ok && !(k.Op == Class || k.Op == Literal && len(k.Text) == 1) {
				return ByteSet{}, false
			}
			set, class = set.Union(s).Union(literalFirst(k)), class || ok
		}
	}
	return set, class
}

// behind lists the ways in which the uses of a rule go on behind it.
func (c *conflicts) behind(rule string, seen map[string]bool) []opening {
	if seen[rule] {
		return nil
	}
	seen[rule] = true
	var all []opening
	if c.roots[rule] {
		all = append(all, opening{end: true})
	}
	for _, p := range c.uses[rule] {
		if p.node == nil {
			all = append(all, c.behind(p.end, seen)...)
		} else {
			all = append(all, c.openings(p, seen)...)
		}
	}
	return all
}

func (c *conflicts) repOpenings(n *Node, rest *path, seen map[string]bool) []opening {
	var all []opening
	if n.Max != 0 {
		all = c.openings(&path{node: n.Kids[0], rest: &path{node: again(n), rest: rest}}, seen)
	}
	if n.Min == 0 {
		all = append(all, c.openings(rest, seen)...)
	}
	return all
}

var digits = ByteRange('0', '9')

// refOpenings looks into a rule; a leaf is one token.
func (c *conflicts) refOpenings(n *Node, rest *path, seen map[string]bool) []opening {
	r := c.g.Rules[n.Name]
	if r.directive("leaf") == nil {
		return c.openings(&path{node: r.Body, rest: rest}, seen)
	}
	first := c.First(n)
	all := []opening{{set: first, digit: first.Minus(digits).Empty(), rest: rest}}
	if c.Nullable(n) {
		all = append(all, c.openings(rest, seen)...)
	}
	return all
}

// compare reports whether two openings, x of the way that is tried first, leave
// the choice open, with the text that they have in common.
func (c *conflicts) compare(x, y opening, depth int) (sample string, clash bool) {
	switch {
	case x.end || y.end:
		return "", x.end && y.end
	case x.text != "" && y.text != "":
		return c.constants(x, y, depth)
	case x.text != "":
		text := c.keyword(x)
		return text, y.set.Has(x.text[0]) && !hasLetter(text)
	case y.text != "":
		return y.text, !x.set.Intersect(y.foldFirst()).Empty()
	}
	both := x.set.Intersect(y.set)
	if both.Empty() {
		return "", false
	}
	b, _ := both.First()
	if x.digit && y.digit {
		s, ok := c.clash(x.rest, y.rest, depth+1)
		return string([]byte{b}) + s, ok
	}
	return string([]byte{b}), true
}

func (o opening) foldFirst() ByteSet {
	return literalFirst(&Node{Op: Literal, Text: o.text, Exact: o.exact})
}

// constants compares two constants; where one begins the other, what follows the
// shorter one is compared with the remainder.
func (c *conflicts) constants(x, y opening, depth int) (sample string, clash bool) {
	n := 0
	for n < len(x.text) && n < len(y.text) {
		a := opening{text: x.text[n:], exact: x.exact}
		b := opening{text: y.text[n:], exact: y.exact}
		if a.foldFirst().Intersect(b.foldFirst()).Empty() {
			return "", false
		}
		n++
	}
	s, ok := c.clash(remainder(x, n), remainder(y, n), depth+1)
	return x.text[:n] + s, ok
}

// remainder is the path behind the first n octets of a constant.
func remainder(o opening, n int) *path {
	return &path{node: &Node{Op: Literal, Text: o.text[n:], Exact: o.exact}, rest: o.rest}
}

// keyword joins a constant without letters with the constants behind it, as in
// DQUOTE "CHILDINFO" DQUOTE.
func (c *conflicts) keyword(o opening) string {
	text := o.text
	for !hasLetter(text) {
		next := c.openings(o.rest, map[string]bool{})
		if len(next) != 1 || next[0].text == "" {
			break
		}
		o = next[0]
		text += o.text
	}
	return text
}
