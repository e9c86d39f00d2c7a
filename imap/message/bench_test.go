package message

import (
	"strings"
	"testing"

	"github.com/imapsrv/imapsrv/imap"
)

// typicalMessage is a text message with the header that most have.
var typicalMessage = crlf(`Return-Path: <list-bounces@example.org>
Received: from mx.example.org (mx.example.org [192.0.2.1])
	by imap.example.org with ESMTPS id 4XyZ
	for <user@example.org>; Wed, 17 Jul 2024 02:23:25 -0700 (PDT)
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel;
	h=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
	b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR
Date: Wed, 17 Jul 2024 02:23:25 -0700
From: Terry Gray <gray@cac.washington.example>
To: imap@cac.washington.example, "Klensin, John" <klensin@mit.example>
Cc: minutes@cnri.reston.example
Subject: =?utf-8?Q?IMAP4rev2_WG_mtg_summary_=E2=80=93_minutes?=
Message-ID: <B27397-0100000@cac.washington.example>
In-Reply-To: <B27396-0100000@cac.washington.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_alt"

--=_alt
Content-Type: text/plain; charset=utf-8

`) + strings.Repeat("The quick brown fox jumps over the lazy dog and so on.\r\n", 100) + crlf(`
--=_alt
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

`) + strings.Repeat("<p>The quick brown fox jumps over the lazy=20dog.</p>=\r\n", 100) + "\r\n--=_alt--\r\n"

func BenchmarkParse(b *testing.B) {
	text := []byte(typicalMessage)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		ParseBytes(text)
	}
}

func BenchmarkParseAttachment(b *testing.B) {
	text := []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 100_000) + "--b--\r\n")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		ParseBytes(text)
	}
}

// BenchmarkSummary is what FETCH (ENVELOPE BODYSTRUCTURE) costs before encoding.
func BenchmarkSummary(b *testing.B) {
	data, err := ParseBytes([]byte(typicalMessage)).MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(data)), "stored-B")
	b.ReportAllocs()
	for b.Loop() {
		var s Summary
		if err := s.UnmarshalBinary(data); err != nil {
			b.Fatal(err)
		}
		if s.Envelope() == nil || s.BodyStructure() == nil {
			b.Fatal("nothing")
		}
	}
}

func BenchmarkHeaderFields(b *testing.B) {
	m := ParseBytes([]byte(typicalMessage))
	s := imap.Section{Text: imap.SectionTextHeaderFields, Fields: []string{"From", "To", "Subject", "Date"}}
	b.ReportAllocs()
	for b.Loop() {
		c, err := m.Section(s)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Size(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearchText(b *testing.B) {
	m := ParseBytes([]byte(typicalMessage))
	n := NewNeedle("not in this message")
	b.SetBytes(m.Size())
	b.ReportAllocs()
	for b.Loop() {
		if found, err := m.Contains(imap.SearchTextKeyText, n); found || err != nil {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkBinary(b *testing.B) {
	text := "Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 10_000)
	m := ParseBytes([]byte(text))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.BinarySize([]uint32{1}); err != nil {
			b.Fatal(err)
		}
	}
}
