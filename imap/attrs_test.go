package imap

import "testing"

func TestAttrsAddName(t *testing.T) {
	var a MailboxAttrs
	for _, s := range []string{`\Drafts`, `\X-FOO`, `\trash`, `\x-foo`, `\Drafts`} {
		a.AddName(s)
	}
	if a.Bits != AttrDrafts|AttrTrash || len(a.Other) != 1 || a.Other[0] != `\X-FOO` {
		t.Errorf("%+v", a)
	}
}
