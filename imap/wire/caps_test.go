package wire

import "testing"

func TestRefusedSections(t *testing.T) {
	sections := []string{"IMAP4rev1 IMAP4rev2", "MOVE", "MESSAGELIMIT= SAVELIMIT=", "THREAD="}
	for _, tt := range []struct {
		name    string
		offered []string
		allowed []bool
	}{
		{"nothing", nil, []bool{false, false, false, false}},
		{"one of several", []string{"imap4rev2"}, []bool{true, false, false, false}},
		{"any value", []string{"SaveLimit=100", "thread=REFS"}, []bool{false, false, true, true}},
		{"no value", []string{"MESSAGELIMIT", "MOVE=1"}, []bool{false, false, false, false}},
		{"a value without a name", []string{"="}, []bool{false, false, false, false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			refused := RefusedSections(sections, tt.offered)
			for i, want := range tt.allowed {
				if refused.Has(uint16(i)) == want {
					t.Errorf("section %q: refused is %v", sections[i], !want)
				}
			}
		})
	}
}
