package imap

// foreign are sections of RFCs with examples of something else than IMAP, which may
// decode or not.
var foreign = map[string]string{
	"2595 §5.1": "ACAP", "2595 §6": "ACAP", "4422 §A.2": "ACAP", "4616 §4": "ACAP",
	"4422 §3": "what is said, in words", "5801 §6": "what is said, in words",
	"5802 §5": "messages of SCRAM without base64", "7677 §3": "messages of SCRAM without base64",
}

// ungrammatical are examples that break their own RFC's grammar, by RFC and
// line. A row that decodes after all fails the test.
var ungrammatical = map[string]string{
	"2180:152":  "no parentheses around the items",
	"2180:457":  "no parentheses around the items",
	"2180:459":  "no parentheses around the items",
	"2180:251":  "two columns of text: what another client says is in the message",
	"2180:602":  "two columns of text: what the server says is in the command",
	"2342:221":  "two spaces between namespaces",
	"2683:607":  "an empty delimiter, where there is to be one character or NIL",
	"2683:773":  "no parentheses around the items",
	"2683:791":  "no parentheses around the items",
	"2683:978":  "a remark behind the response",
	"2683:982":  "a remark behind the response",
	"3503:354":  "KEYWORDS for KEYWORD",
	"4314:809":  "a parenthesis is missing at the end",
	"4314:810":  "a parenthesis is missing at the end",
	"4314:811":  "a parenthesis is missing at the end",
	"4469:517":  "the literal's number is wrong",
	"4549:532":  "<uids> stands for UIDs",
	"4549:577":  "BODY[] has no value",
	"4549:582":  "<uid> stands for a UID",
	"4959:155":  "a remark behind the command",
	"4959:191":  "a remark behind the command",
	"5255:308":  "no space between namespaces",
	"5257:860":  "a parenthesis too many behind the flags",
	"5259:578":  "a parenthesis is missing at the end",
	"5259:597":  "a parenthesis is missing at the end",
	"5259:892":  "a parenthesis is missing at the end",
	"5259:1077": "no MIME types before the parameters that are missing",
	"5259:1388": "no MIME type, and parameters inside of the section",
	"5267:356":  "neither criteria nor a charset for SORT",
	"5267:380":  "no criteria for SORT",
	"5464:698":  "no parentheses around two entries",
	"5464:708":  "no parentheses around two entries",
	"5465:872":  "parentheses around the result",
	"5819:141":  "two spaces before the mailbox",
	"5819:150":  "no space before the reference",
	"5819:152":  "two spaces before the mailbox",
	"7628:685":  "SMTP",
	"7628:817":  "SMTP",
	"7889:198":  "two spaces before the mailbox",
	"9051:3078": "two spaces before the mailbox",
	"9051:3089": "two spaces before the mailbox",
	"9051:3169": "two spaces between namespaces",
}

// unheardOf are examples of what no grammar has, or that break the grammar of a part
// that is kept as it came then. A row that is understood after all fails the test.
var unheardOf = map[string]string{
	"2180:540":  "no number before FETCH",
	"2180:541":  "no number before FETCH",
	"2180:542":  "no number before FETCH",
	"2193:214":  "no backslashes before the flags, and no parenthesis behind them",
	"2193:246":  "no backslashes before the flags, and no parenthesis behind them",
	"3501:3449": "a command that is an experiment",
	"3501:3450": "data that is an experiment",
	"5182:296":  "no parentheses around the charsets",
	"5465:875":  "the number behind EXISTS",
	"7377:197":  "UID before ESEARCH, which the grammar does not have",
	"7377:201":  "UID before ESEARCH, which the grammar does not have",
	"9051:1855": "a UIDVALIDITY of more than 32 bits",
	"9051:4227": "no parentheses around the charsets",
	"9051:4866": "a command that is an experiment",
	"9051:4867": "data that is an experiment",
}
