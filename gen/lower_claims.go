package gen

// checkClaims reports rules that would become one type by accident: those that share one
// on purpose say so, each of them.
func (l *lowerer) checkClaims() {
	for _, name := range sortedKeys(l.claims) {
		rules := l.claims[name]
		for _, r := range rules {
			if len(rules) > 1 && !has(r, "type") {
				l.errorf(r.Pos, "rule %s: another rule is the type %s, too; name one of them with ;@ type, or both with ;@ type %s", r.Name, name, name)
			}
		}
	}
}
