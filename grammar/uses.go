package grammar

import "strings"

// Uses tells for each file, by its name, which of the others define rules that it refers
// to or extends: those must be loaded with it. A rule that several files define counts
// for all of them. The errors are those of reading the files.
func Uses(files ...File) (map[string][]string, error) {
	u := &uses{definedIn: map[string][]string{}}
	l := &loader{}
	for _, f := range files {
		u.add(l, f)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i, f := range files {
		out[f.Name] = u.files(f.Name, u.mentioned[i])
	}
	return out, nil
}

type uses struct {
	// definedIn are the files that define a rule.
	definedIn map[string][]string
	// mentioned are the rules that each file refers to or extends, in order.
	mentioned [][]string
}

func (u *uses) add(l *loader, f File) {
	b := &builder{report: &l.report, lines: strings.Split(string(f.Data), "\n")}
	var names []string
	for _, r := range l.parse(f).Rules {
		rule := b.rule(r)
		if r.Defined == "=/" {
			names = append(names, rule.Name)
		} else {
			u.definedIn[rule.Name] = append(u.definedIn[rule.Name], f.Name)
		}
		rule.Body.walk(func(n *Node) {
			if n.Op == Ref {
				names = append(names, n.Name)
			}
		})
	}
	u.mentioned = append(u.mentioned, names)
}

// files lists the files that define the rules, in the order of the rules, without the file itself.
func (u *uses) files(file string, rules []string) []string {
	seen := map[string]bool{file: true}
	var out []string
	for _, name := range rules {
		for _, f := range u.definedIn[name] {
			if !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	return out
}
