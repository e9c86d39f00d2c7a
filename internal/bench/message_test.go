package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// mail makes message i of about size octets: the header fields and the structure that most mail has, text and HTML of
// lines that do not repeat. The same i and size give the same message.
func mail(i, size int) string {
	r := rand.New(rand.NewPCG(uint64(i), 9051))
	var m strings.Builder
	m.Grow(size + 256)
	for hop := range 3 {
		fmt.Fprintf(&m, "Received: from mx%d.example.net (mx%d.example.net [192.0.2.%d])\r\n\tby mail%d.example.org with ESMTPS id %08x\r\n\tfor <alice@example.org>; Tue, 02 Jan 2024 03:%02d:05 +0000\r\n",
			hop, hop, hop+1, hop, r.Uint32(), i%60)
	}
	fmt.Fprintf(&m, "Return-Path: <user%d@example.com>\r\nMessage-ID: <%d.%08x@example.com>\r\n", i%500, i, r.Uint32())
	if i > 0 {
		fmt.Fprintf(&m, "In-Reply-To: <%d.0@example.com>\r\nReferences: <%d.0@example.com> <%d.1@example.com>\r\n", i-1, i/2, i-1)
	}
	fmt.Fprintf(&m, "Date: Tue, 02 Jan 2024 %02d:%02d:04 +0000\r\nFrom: User Number %d <user%d@example.com>\r\n", i/60%24, i%60, i%500, i%500)
	fmt.Fprintf(&m, "To: Alice Example <alice@example.org>\r\nCc: =?utf-8?q?J=C3=BCrgen?= <j%d@example.org>, list@lists.example.org\r\n", i%7)
	fmt.Fprintf(&m, "Subject: Re: [list] Minutes of meeting %d, and what came of it\r\nMIME-Version: 1.0\r\n", i/3)
	fmt.Fprintf(&m, "Content-Type: multipart/alternative; boundary=\"=_%d\"\r\n\r\n", i)
	open, close := "\r\n", "\r\n"
	for part, kind := range []string{"plain", "html"} {
		fmt.Fprintf(&m, "--=_%d\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", i, kind)
		if kind == "html" {
			open, close = "<p>", "</p>\r\n"
		}
		for m.Len() < (part+1)*size/2-40 {
			fmt.Fprintf(&m, "%s%016x %016x %016x%s", open, r.Uint64(), r.Uint64(), r.Uint64(), close)
		}
	}
	fmt.Fprintf(&m, "--=_%d--\r\n", i)
	return m.String()
}
