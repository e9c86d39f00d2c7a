package gen

import (
	"go/token"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// told are the fields that the beginnings of an alternative tell, where it has several.
func told(heads []head) (fields []string) {
	if len(heads) < 2 {
		return nil
	}
	for _, h := range heads {
		for _, b := range h.binds {
			if !slices.Contains(fields, b.dest) {
				fields = append(fields, b.dest)
			}
		}
	}
	return fields
}

// hasTail reports whether what is behind the keyword of an alternative is decoded by a
// function of its own.
func (s *dispatcher) hasTail(k *Node, rest []*Node, shared []string) bool {
	return s.mode == AltSum && len(rest) > 0 && k.Type != nil && k.Type.real().Kind == KindStruct &&
		(heavy(rest) > 1 || len(shared) > 0)
}

// heavy is the number of nodes.
func heavy(nodes []*Node) int {
	w := 0
	for _, n := range nodes {
		n.walk(func(*Node) { w++ })
	}
	return w
}

// tail puts the value of an alternative and what is behind its keyword into a function that
// its spellings share; what they tell is handed on. Functions that choose among many stay
// short by that, and the compiler inlines next to nothing in large ones.
func (s *dispatcher) tail(k *Node, rest []*Node, binds []binding, shared []string) {
	for _, b := range binds {
		if b.must != nil {
			s.add(b.must)
		}
		if !slices.Contains(shared, b.dest) {
			shared = append(shared[:len(shared):len(shared)], b.dest)
		}
	}
	var params, args []jen.Code
	marks := map[string]bool{}
	for _, dest := range shared {
		arg := jen.Code(jen.False()) // of an optional keyword
		for _, b := range binds {
			if b.dest == dest {
				arg = b.value
				marks[dest] = b.marks
			}
		}
		args = append(args, arg)
		params = append(params, jen.Id(paramName(dest)).Add(s.goType(k.Type.real().field(dest).Type)))
	}
	name := s.queueTail(k, rest, shared, params, marks)
	s.results(s.scope.self.val(), jen.Id("d").Dot(name).Call(append([]jen.Code{jen.Id("b"), s.at(0)}, args...)...))
	s.last.own = true
	s.end()
}

// queueTail queues the function of a tail once and returns its name.
func (s *dispatcher) queueTail(k *Node, rest []*Node, shared []string, params []jen.Code, marks map[string]bool) string {
	r, t, sum := s.rule, k.Type.real().Name, s.node.Type
	if k.Op == OpCall {
		r = k.Rule
		t = camel(r.Spelling)
	}
	name := "decode" + t + "Tail"
	if s.tails[name] != nil && s.tails[name] != sum.real() {
		name += "In" + sum.real().Name
	}
	s.tails[name] = sum.real()
	d, after, lead, node := s.decodeEmitter, s.after, s.lead, s.node
	d.functionWith(name, r, sum, params, func() {
		v := &dispatcher{decodeEmitter: d, mode: AltSum, node: node, after: after}
		v.begin(k)
		for _, dest := range shared {
			d.bind(dest, jen.Id(paramName(dest)), marks[dest])
		}
		d.lead = lead
		d.seq(rest, after)
		d.end()
	})
	return name
}

// paramName is the name of the parameter for a field.
func paramName(field string) string {
	n := 1 // letters of a first word that is an acronym, or one letter
	for n < len(field) && isUpper(field[n]) && (n+1 == len(field) || isUpper(field[n+1])) {
		n++
	}
	name := strings.ToLower(field[:n]) + field[n:]
	if len(name) == 1 || token.IsKeyword(name) {
		name += "_"
	}
	return name
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
