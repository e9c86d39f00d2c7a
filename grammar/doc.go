// Package grammar reads annotated ABNF (RFC 5234, RFC 7405) and checks it.
//
// It knows nothing of IMAP and nothing of Go code: it turns files into a
// [Grammar], merges what several files say of one rule, and reports what a
// reader of the grammar would want to know before anything is generated.
//
// # Files
//
// [Load] reads ABNF as the RFCs write it, prose values excepted. Rule names are
// case-insensitive, and `_` in them is `-`. Extensions, `rule =/ …`, may stand in
// any file; their alternatives go to the end, or before a last alternative that is
// generic, that is one that any letter can begin, where it would hide them.
// Comments directly above a rule are its documentation, unless they begin with `;;`:
// those are for readers of the grammar.
//
// # Annotations
//
// Annotations are comments to any other ABNF tool. Lines before a rule that begin
// with `;@` say how it is to be read:
//
//	;@ cap IMAP4rev2 MOVE rfc6851    what follows, to the end of the file, needs
//	                                 one of the capabilities; its source is the RFC
//	;@ implies QRESYNC CONDSTORE     whoever offers the first has what the others stand for
//	;@ conflicts LITERAL+ LITERAL-   no server may offer both
//	;@ root client idle              an entry point: who sends it, and in which mode
//	;@ leaf number N                 read by a primitive, which is one token
//	;@ name a mailbox name           what messages call the rule
//	;@ hook                          an empty rule, `name = ""`, that =/ fills
//	;@ prefer first                  acknowledges a conflict: the first way is taken
//	;@ prefer keyword                a list ends before a keyword that can follow it
//
// All others are for the generator. Comments after an element are notes: `;.Name`
// names the value before it, `;=Name A B` behind an alternative names the
// alternative and its values in order, `_` leaves a name to the generator. The
// words multi, stream, secret, zero and apart modify the value: multi may come again,
// stream may be too long for memory, secret is never printed, zero means absent by its
// zero value, apart is seldom there and kept out of the way. A note ends its line.
//
//	fetch-att =/ "BINARY" [".PEEK"] section-binary [partial] ;=Binary _ Part
//
// # Checks
//
// [Grammar.Check] finds mistakes of the grammar, conflicts included: choices that
// neither a whole keyword nor the first octet decides. [Grammar.UnusedAnnotations]
// finds annotations that nobody honoured. A [Matcher] recognises text straight from
// the rules, a [Sampler] makes sentences, and [Mutant] breaks them: all are for tests of what is generated.
package grammar
