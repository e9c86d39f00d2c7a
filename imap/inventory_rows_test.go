package imap

// inventoryTables are the tables of testdata/inventory, and where the grammar has what is in
// them.
var inventoryTables = []inventoryTable{
	{"commands", 0, -1, map[string][]placeOfWord{"": {{"command", "command-body"}}}},
	{"responses", 0, -1, map[string][]placeOfWord{"": {{"response", "response-payload"}}}},
	{"response-codes", 0, -1, map[string][]placeOfWord{"": {{"response", "resp-text-code"}}}},
	{"search-keys", 0, -1, map[string][]placeOfWord{"": {{"command", "search-key"}}}},
	{"sort-thread", 1, 0, map[string][]placeOfWord{
		"sort-key": {{"command", "sort-key"}}, "sort-modifier": {{"command", "sort-criterion"}}, "thread-alg": {{"command", "thread-alg"}},
	}},
	{"fetch-items", 0, -1, map[string][]placeOfWord{"": {{"command", "fetch-att"}, {"response", "msg-att-item"}}}},
	{"status-items", 0, -1, map[string][]placeOfWord{"": {{"command", "status-att"}, {"response", "status-att-val"}}}},
	{"modifiers", 1, 0, map[string][]placeOfWord{
		"SELECT/EXAMINE parameter": {{"command", "select-param"}},
		"CREATE parameter":         {{"command", "create-param"}},
		"FETCH modifier":           {{"command", "fetch-modifier"}},
		"STORE modifier":           {{"command", "store-modifier"}},
		"STORE item":               {{"command", "store-att-flags"}},
		"SEARCH return option":     {{"command", "search-return-opt"}},
		"ESEARCH return data":      {{"response", "search-return-data"}},
		"ESEARCH correlator":       {{"response", "one-correlator"}},
		"ESEARCH source option":    {{"command", "esearch-source-opts"}},
		"ESEARCH source":           {{"command", "filter-mailboxes"}},
		"LIST selection option":    {{"command", "list-select-opt"}},
		"LIST return option":       {{"command", "list-return-opt"}},
		"LIST extended item":       {{"response", "mbox-list-extended-item"}},
		"APPEND option":            {{"command", "append-option"}},
		"APPEND data":              {{"command", "append-data"}},
		"GETMETADATA option":       {{"command", "getmetadata-option"}},
		"NOTIFY mailbox filter":    {{"command", "filter-mailboxes"}},
		"NOTIFY event":             {{"command", "event-name"}, {"response", "event-name"}},
		"URLFETCH parameter":       {{"command", "url-fetch-param"}},
		"COMPRESS algorithm":       {{"command", "compress-algorithm"}},
		"QUOTA resource":           {{"command", "resource-name"}, {"response", "resource-name"}},
		"ENABLE argument":          {{"command", "capability"}, {"response", "capability"}},
	}},
	{"flags-and-attributes", 1, 0, map[string][]placeOfWord{
		"system flag":               {{"command", "flag"}, {"response", "flag-fetch"}},
		"keyword":                   {{"command", "flag"}, {"response", "flag-fetch"}},
		"system flag (fetch only)":  {{"response", "flag-fetch"}},
		"permanent flag marker":     {{"response", "flag-perm"}},
		"mailbox attribute (sflag)": {{"response", "mbx-list-flag"}},
		"mailbox attribute (oflag)": {{"response", "mbx-list-flag"}},
		"special-use attribute":     {{"response", "mbx-list-flag"}, {"command", "mbx-list-flag"}},
	}},
	{"capabilities", 0, -1, map[string][]placeOfWord{"": {{"response", "capability"}}}},
}

// rowExceptions are rows that the codec does not have, with the reason.
var rowExceptions = map[string]string{
	"sort-thread: sort-key MODSEQ":                                                        "RFC 7162 does not define it, says the row",
	"fetch-items: RFC822.HEADER.LINES":                                                    "of RFC 1730; unknown items of FETCH are errors",
	"fetch-items: RFC822.PEEK, RFC822.TEXT.PEEK, BODY[n.0]":                               "of RFC 1730; unknown items of FETCH are errors",
	"modifiers: URLAUTH access submit+, user+, authuser, anonymous, <application>[+user]": "part of a URL, which is one string in IMAP (RFC 5092 §11)",
}

// rowWords are keywords of rows whose name is more than that.
var rowWords = map[string][]string{
	"flags-and-attributes: keyword $notify $muted $followed $memo $hasmemo $hasattachment $hasnoattachment $autosent $unsubscribed $canunsubscribe $imported $istrusted $maskedemail $new $MailFlagBit0 $MailFlagBit1 $MailFlagBit2": {
		"$notify", "$muted", "$followed", "$memo", "$hasmemo", "$hasattachment", "$hasnoattachment", "$autosent", "$unsubscribed",
		"$canunsubscribe", "$imported", "$istrusted", "$maskedemail", "$new", "$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2",
	},
	`flags-and-attributes: special-use attribute \Snoozed \Scheduled \Memos`: {`\Snoozed`, `\Scheduled`, `\Memos`},
	"capabilities: AUTH=<mech>":                              {"AUTH=PLAIN", "AUTH=LOGIN"},
	"capabilities: THREAD=<alg>":                             {"THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES"},
	"capabilities: QUOTA=RES-<name>":                         {"QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE", "QUOTA=RES-MAILBOX", "QUOTA=RES-ANNOTATION-STORAGE"},
	"capabilities: XLIST, X-GM-EXT-1, XAPPLEPUSHSERVICE ...": {"XLIST", "X-GM-EXT-1", "XAPPLEPUSHSERVICE"},
	"modifiers: NOTIFY event <event-ext>":                    nil,
}

// rowValues are rows without a keyword of their own, by what texts decode to.
var rowValues = map[string]map[string]any{
	"search-keys: <sequence-set>": {"a SEARCH 1:5,7": &Search{Keys: []SearchKey{&SearchSet{Set: ranges(1, 5, 7, 7)}}}},
	"search-keys: ( ... )":        {"a SEARCH (ALL)": &Search{Keys: []SearchKey{&SearchAnd{Keys: []SearchKey{SearchAll}}}}},
	"search-keys: $":              {"a SEARCH $": &Search{Keys: []SearchKey{&SearchSet{Set: SequenceSet{Saved: true}}}}},
	"fetch-items: section: empty": {
		"a FETCH 1 BODY[]":       &Fetch{Set: ranges(1, 1), Items: []FetchAtt{{Kind: FetchAttBodySection}}},
		`* 1 FETCH (BODY[] "x")`: &FetchData{Seq: 1, BodySection: []FetchBodySection{{Data: NewLiteral("x")}}},
	},
	"fetch-items: section: n.n.n": {
		"a FETCH 1 BODY[1.2.3]": &Fetch{Set: ranges(1, 1), Items: []FetchAtt{{Kind: FetchAttBodySection, Section: Section{Part: []uint32{1, 2, 3}}}}},
	},
	"modifiers: ESEARCH return data REMOVEFROM": { // the order among ADDTO and REMOVEFROM matters
		`* ESEARCH (TAG "a") UID REMOVEFROM (5 10) ADDTO (1 10:11 3 7) REMOVEFROM (2 3)`: &ESearchData{
			Has: ESearchDataHasTag, Tag: "a", UID: true, Update: []ESearchUpdate{
				{Op: ContextOpRemoveFrom, Changes: []ContextChange{{Position: 5, Nums: ranges(10, 10)}}},
				{Op: ContextOpAddTo, Changes: []ContextChange{{Position: 1, Nums: ranges(10, 11)}, {Position: 3, Nums: ranges(7, 7)}}},
				{Op: ContextOpRemoveFrom, Changes: []ContextChange{{Position: 2, Nums: ranges(3, 3)}}},
			},
		},
	},
	"modifiers: LIST pattern list patterns": {`a LIST "" (a% "b")`: &List{Patterns: []string{"a%", "b"}}},
	"modifiers: APPEND data literal":        {"a APPEND b {1+}\r\nx": &Append{Mailbox: "b", Messages: []AppendMessage{{Literal: NewLiteral("x")}}}},
	"modifiers: APPEND data literal8": {
		"a APPEND b ~{1+}\r\n\x00": &Append{Mailbox: "b", Messages: []AppendMessage{{Literal: Literal{Data: "\x00", Size: 1, Valid: true, Binary: true}}}},
	},
	"modifiers: APPEND message list 1*append-message": {
		"a APPEND b {1+}\r\nx (\\Seen) {1+}\r\ny": &Append{Mailbox: "b", Messages: []AppendMessage{
			{Literal: NewLiteral("x")}, {Flags: FlagSet{Bits: FlagSeen}, Literal: NewLiteral("y")},
		}},
	},
}

// rowSentences are sentences for rows that no keyword of one rule stands for; how they are
// marked is said at prover.sentence.
var rowSentences = map[string][]string{
	"commands: X<atom>": {"unknown: a XPIG-LATIN ow-nay"},
	"commands: PARTIAL": {"unknown: a PARTIAL 1 RFC822 1 10"},
	"commands: FIND ALL.MAILBOXES / FIND MAILBOXES / SUBSCRIBE MAILBOX / UNSUBSCRIBE MAILBOX": {"unknown: a FIND ALL.MAILBOXES *"},

	"responses: OK":           {"* «OK» x", "response: a «OK» x"},
	"responses: NO":           {"* «NO» x", "response: a «NO» x"},
	"responses: BAD":          {"* «BAD» x", "response: a «BAD» x"},
	"responses: PREAUTH":      {"greeting: * «PREAUTH» x"},
	"responses: BYE":          {"* «BYE» x", "greeting: * «BYE» x"},
	"responses: greeting":     {"greeting: * «OK» x"},
	"responses: +":            {"+ ‹idling›", "+ «[ALERT»] x"},
	"responses: MAILBOX":      {"unknown: * MAILBOX x"},
	"responses: COPY / STORE": {"unknown: * 5 COPY", "unknown: * 5 STORE (FLAGS ())"},

	"response-codes: METADATA": {
		"* OK [«METADATA LONGENTRIES» 5] x", "response: a NO [«METADATA MAXSIZE» 5] x", "response: a NO [«METADATA TOOMANY»] x", "response: a NO [«METADATA NOPRIVATE»] x",
	},
	"response-codes: NEWNAME":    {"unknown: response: a NO [NEWNAME a b] x"},
	"response-codes: NOT-UTF-8":  {"unknown: response: a NO [NOT-UTF-8] x"},
	"response-codes: UTF-8-ONLY": {"unknown: response: a NO [UTF-8-ONLY] x"},
	"response-codes: <other>":    {"unknown: response: a NO [X-COLOUR red] x"},

	"sort-thread: thread-alg <thread-alg-ext>": {"a THREAD ‹REFS› UTF-8 ALL"},

	"fetch-items: ALL":                              {"a FETCH 1 «ALL»"},
	"fetch-items: FAST":                             {"a FETCH 1 «FAST»"},
	"fetch-items: FULL":                             {"a FETCH 1 «FULL»"},
	"fetch-items: BODY[section]<o.n>":               {"a FETCH 1 «BODY»[]<0.1>", `* 1 FETCH («BODY»[TEXT]<0> "x")`},
	"fetch-items: BODY.PEEK[section]<o.n>":          {"a FETCH 1 «BODY.PEEK»[]<0.1>", `* 1 FETCH («BODY»[TEXT] "x")`},
	"fetch-items: section: HEADER":                  {"a FETCH 1 BODY[«HEADER»]", `* 1 FETCH (BODY[1.«HEADER»] "x")`},
	"fetch-items: section: HEADER.FIELDS":           {"a FETCH 1 BODY[«HEADER.FIELDS» (x)]", `* 1 FETCH (BODY[«HEADER.FIELDS» (x)] "x")`},
	"fetch-items: section: HEADER.FIELDS.NOT":       {"a FETCH 1 BODY[1.«HEADER.FIELDS.NOT» (x)]", `* 1 FETCH (BODY[«HEADER.FIELDS.NOT» (x)] "x")`},
	"fetch-items: section: TEXT":                    {"a FETCH 1 BODY[«TEXT»]", `* 1 FETCH (BODY[1.«TEXT»] "x")`},
	"fetch-items: section: n.MIME":                  {"a FETCH 1 BODY[1.«MIME»]", `* 1 FETCH (BODY[1.2.«MIME»] "x")`},
	"fetch-items: BINARY[part]<o.n>":                {"a FETCH 1 «BINARY»[1]<0.1>", `* 1 FETCH («BINARY»[1]<0> "x")`, "* 1 FETCH («BINARY»[1] ~{1}\r\n\x00)"},
	"fetch-items: BINARY.PEEK[part]<o.n>":           {"a FETCH 1 «BINARY.PEEK»[1]<0.1>", `* 1 FETCH («BINARY»[1] "x")`},
	"fetch-items: BINARY.SIZE[part]":                {"a FETCH 1 «BINARY.SIZE»[1]", "* 1 FETCH («BINARY.SIZE»[1] 5)"},
	"fetch-items: CONVERT: UID":                     {`a CONVERT 1 ("a/b") «UID»`, `* 1 CONVERTED (TAG "a") («UID» 5)`},
	"fetch-items: CONVERT: BODYPARTSTRUCTURE[part]": {`a CONVERT 1 ("a/b") «BODYPARTSTRUCTURE»[1]`, `* 1 CONVERTED (TAG "a") («BODYPARTSTRUCTURE»[1] ("A" "B" NIL NIL NIL "7BIT" 1))`},
	"fetch-items: CONVERT: BINARY[part]":            {`a CONVERT 1 ("a/b") «BINARY»[1]<0.1>`, `* 1 CONVERTED (TAG "a") («BINARY»[1]<0> "x")`},
	"fetch-items: CONVERT: BINARY.SIZE[part]":       {`a CONVERT 1 ("a/b") «BINARY.SIZE»[1]`, `* 1 CONVERTED (TAG "a") («BINARY.SIZE»[1] (ERROR "x" «TEMPFAIL»))`},
	"fetch-items: CONVERT: BODY[HEADER]":            {`a CONVERT 1 ("a/b") «BODY[HEADER»]`, `* 1 CONVERTED (TAG "a") («BODY[HEADER»] "x")`},
	"fetch-items: CONVERT: BODY[part.HEADER], BODY[part.MIME]": {
		`a CONVERT 1 ("a/b") («BODY[1.HEADER»] «BODY[1.MIME»])`, `* 1 CONVERTED (TAG "a") («BODY[1.HEADER»] "x" «BODY[1.MIME»] "x")`,
	},
	"fetch-items: CONVERT: AVAILABLECONVERSIONS[part]": {
		`a CONVERT 1 ("a/b") «AVAILABLECONVERSIONS»[1]`, `* 1 CONVERTED (TAG "a") («AVAILABLECONVERSIONS»[1] (("a/b")))`,
	},
	"fetch-items: URLFETCH: BODY":              {"a URLFETCH (u «BODY»)", `* URLFETCH u («BODY» "x")`},
	"fetch-items: URLFETCH: BINARY":            {"a URLFETCH (u «BINARY»)", "* URLFETCH u («BINARY» ~{1}\r\n\x00)"},
	"fetch-items: URLFETCH: BODYPARTSTRUCTURE": {"a URLFETCH (u «BODYPARTSTRUCTURE»)", `* URLFETCH u («BODYPARTSTRUCTURE» ("A" "B" NIL NIL NIL "7BIT" 1))`},

	"status-items: <future>": {"unknown: * STATUS x (FUTURE 5)"},

	"modifiers: SELECT/EXAMINE parameter UTF8":    {"unknown: a SELECT x (UTF8)"},
	"modifiers: CREATE parameter <generic>":       {"unknown: a CREATE x (FUTURE 5)"},
	"modifiers: RENAME parameter <generic>":       {"unknown: a RENAME x y (FUTURE (a b))"},
	"modifiers: STORE item FLAGS, +FLAGS, -FLAGS": {"a STORE 1 «FLAGS» ()", "a STORE 1 +«FLAGS» (a)", `a STORE 1 -«FLAGS» \Seen`},
	"modifiers: STORE item FLAGS.SILENT, +FLAGS.SILENT, -FLAGS.SILENT": {
		"a STORE 1 «FLAGS.SILENT» ()", "a STORE 1 +«FLAGS.SILENT» (a)", `a STORE 1 -«FLAGS.SILENT» \Seen`,
	},
	"modifiers: SEARCH return option <generic>":  {"unknown: a SEARCH RETURN (FUTURE 5) ALL"},
	"modifiers: ESEARCH return data <generic>":   {`unknown: * ESEARCH (TAG "a") FUTURE 5`},
	"modifiers: ESEARCH source selected":         {"a ESEARCH IN («selected») ALL"},
	"modifiers: ESEARCH source subtree-one":      {"a ESEARCH IN («subtree-one» x) ALL"},
	"modifiers: LIST selection option <generic>": {`unknown: a LIST (FUTURE) "" *`},
	"modifiers: LIST extended item <generic>":    {`unknown: * LIST () "/" x (FUTURE (a))`},
	"modifiers: APPEND option flag-list":         {"a APPEND b («\\Seen») {1+}\r\nx"},
	"modifiers: APPEND option date-time":         {"a APPEND b \" 1-«Jan»-2026 00:00:00 +0000\" {1+}\r\nx"},
	"modifiers: APPEND option <generic>":         {"unknown: a APPEND b FUTURE 5 {1}\r\nx"},
	"modifiers: APPEND data <generic>":           {"unknown: a APPEND b FUTURE (a) {1}\r\nx"},
	"modifiers: GETMETADATA option DEPTH":        {"a GETMETADATA («DEPTH» 0) x /y", "a GETMETADATA («DEPTH» 1) x /y", "a GETMETADATA x («DEPTH infinity») /y"},
	"modifiers: NOTIFY SET":                      {"a NOTIFY «SET STATUS» (selected («MessageNew» MessageExpunge))"},
	"modifiers: NOTIFY NONE":                     {"a NOTIFY «NONE»"},
	"modifiers: NOTIFY event <event-ext>":        {"a NOTIFY SET (selected (‹FutureEvent›))"},
	"modifiers: PREVIEW modifier LAZY":           {"a FETCH 1 «PREVIEW (LAZY)»"},
	"modifiers: ACL right l r s w i p k x t e a": {"a SETACL x y ‹+lrswipkxtea›", "* MYRIGHTS x ‹lrswipkxtea›"},
	"modifiers: ACL right, obsolete c d":         {"a SETACL x y ‹cd›", "* MYRIGHTS x ‹cd›"},
	"modifiers: ANNOTATE attribute value, value.priv, value.shared, size, size.priv, size.shared": {
		`a FETCH 1 (ANNOTATION (/x (‹value› ‹value.priv› ‹value.shared› ‹size› ‹size.priv› ‹size.shared›)))`,
	},
	"modifiers: ID field name, version, os, os-version, vendor, support-url, address, date, command, arguments, environment": {
		`a ID ("‹name›" "x" "‹os-version›" "y")`,
	},
	"modifiers: NAMESPACE extension TRANSLATION": {`* NAMESPACE (("" "/" "‹TRANSLATION›" ("x"))) NIL NIL`},
	"modifiers: CONVERT parameter charset, unknown-character-replacement, pix-x, pix-y, ...": {
		`a CONVERT 1 ("a/b" (‹charset› utf-8 ‹unknown-character-replacement› "?" ‹pix-x› 5)) BINARY[1]`,
	},

	`flags-and-attributes: mailbox attribute, obsolete \NoUTF8 \UTF8Only`: {`unknown: * LIST (\NoUTF8 \UTF8Only) "/" x`},
	"flags-and-attributes: special mailbox name INBOX":                    {"a SELECT ‹INBOX›", `* LIST () "/" "‹INBOX›"`},
	"flags-and-attributes: namespace convention #news. #shared/ #ftp/ #public/": {
		"a SELECT ‹#news.comp›", `* NAMESPACE NIL NIL (("‹#shared/›" "/"))`,
	},
	"flags-and-attributes: metadata entry /shared/comment, /shared/admin (server)":     {`a GETMETADATA "" (‹/shared/comment› ‹/shared/admin›)`},
	"flags-and-attributes: metadata entry /shared/comment, /private/comment (mailbox)": {"* METADATA x (‹/shared/comment› NIL ‹/private/comment› NIL)"},
	"flags-and-attributes: metadata entry /private/specialuse":                         {`a SETMETADATA x (‹/private/specialuse› "\\Drafts")`},
	"flags-and-attributes: metadata entry /private/filters/values/<name>, /shared/filters/values/<name>": {
		`a GETMETADATA "" (‹/private/filters/values/x› ‹/shared/filters/values/x›)`,
	},
	"flags-and-attributes: annotation entry /comment, /altsubject, /<section>/comment, /flags/... reserved": {
		"* 1 FETCH (ANNOTATION (‹/comment› ‹/altsubject› ‹/1.2/comment›))",
	},

	"capabilities: IMAP4": {"unknown: * CAPABILITY IMAP4"},
	"capabilities: UTF8, UTF8=ALL, UTF8=APPEND, UTF8=USER": {"unknown: * CAPABILITY UTF8 UTF8=ALL UTF8=APPEND UTF8=USER"},
	"capabilities: APPENDLIMIT, APPENDLIMIT=<n>":           {"* CAPABILITY «APPENDLIMIT»", "* CAPABILITY ‹APPENDLIMIT=5›"},
	"capabilities: MESSAGELIMIT=<n>":                       {"* CAPABILITY ‹MESSAGELIMIT=5›"},
	"capabilities: SAVELIMIT=<n>":                          {"* CAPABILITY ‹SAVELIMIT=5›"},
	"capabilities: RIGHTS=<letters>":                       {"* CAPABILITY ‹RIGHTS=texk›"},
	"capabilities: IMAPSIEVE=<url>":                        {"* CAPABILITY «IMAPSIEVE=»", "* CAPABILITY ‹IMAPSIEVE=sieve://x›"},
}

// ranges is a set of pairs of numbers.
func ranges(n ...uint32) SequenceSet {
	var s SequenceSet
	for i := 0; i < len(n); i += 2 {
		s.Ranges = append(s.Ranges, NumRange{Start: n[i], Stop: n[i+1]})
	}
	return s
}
