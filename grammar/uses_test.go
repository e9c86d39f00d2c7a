package grammar

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUses(t *testing.T) {
	files := []File{
		{"a", []byte("one = \"1\" / two\ntwo = \"2\"\n")},
		{"b", []byte("two =/ four\nfour = \"4\" [missing]\n")},
		{"c", []byte("four =/ one / four\n")},
		{"d", []byte("five = *five_six\n")},
		{"e", []byte("FIVE-SIX = \"6\"\n")},
	}
	got, err := Uses(files...)
	want := map[string][]string{"a": nil, "b": {"a"}, "c": {"b", "a"}, "d": {"e"}, "e": nil}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if _, err := Uses(File{"broken", []byte("a = (\n")}); err == nil || !strings.Contains(err.Error(), "broken:") {
		t.Errorf("a broken file: %v", err)
	}
}
