package gen

import "strings"

// words is the one table of spellings: initialisms, and RFC words that are
// written without separators. It grows with the RFCs, not with the rules.
var words = map[string]string{
	"8bit": "8Bit", "acl": "ACL", "adl": "Route", "alreadyexists": "AlreadyExists", "appenduid": "AppendUID",
	"authenticationfailed": "AuthenticationFailed", "authorizationfailed": "AuthorizationFailed",
	"bad": "BAD", "badcharset": "BadCharset", "bcc": "Bcc", "bodystructure": "BodyStructure", "bye": "BYE",
	"cc": "Cc", "changedsince": "ChangedSince", "childinfo": "ChildInfo", "clientbug": "ClientBug",
	"condstore": "CondStore", "contactadmin": "ContactAdmin", "copyuid": "CopyUID", "cte": "CTE",
	"dsp": "Disposition", "emailid": "EmailID", "esearch": "ESearch", "expungeissued": "ExpungeIssued",
	"haschildren": "HasChildren", "hasnochildren": "HasNoChildren", "highestmodseq": "HighestModSeq",
	"id": "ID", "imap": "IMAP", "imap4rev1": "IMAP4rev1", "imap4rev2": "IMAP4rev2", "internaldate": "InternalDate",
	"inuse": "InUse", "logindisabled": "LoginDisabled", "lsub": "LSub", "mailboxid": "MailboxID", "md5": "MD5", "mdnsent": "MDNSent",
	"mime": "MIME", "modseq": "ModSeq", "newname": "NewName", "no": "NO", "noinferiors": "NoInferiors",
	"nomodseq": "NoModSeq", "nonexistent": "NonExistent", "noperm": "NoPerm", "noselect": "NoSelect",
	"notjunk": "NotJunk", "notsaved": "NotSaved", "ok": "OK", "oldname": "OldName", "overquota": "OverQuota",
	"permanentflags": "PermanentFlags", "preauth": "PreAuth", "privacyrequired": "PrivacyRequired",
	"qresync": "QResync", "recursivematch": "RecursiveMatch", "rfc822": "RFC822", "sasl": "SASL",
	"sentbefore": "SentBefore", "senton": "SentOn", "sentsince": "SentSince", "serverbug": "ServerBug",
	"starttls": "StartTLS", "threadid": "ThreadID", "toobig": "TooBig", "trycreate": "TryCreate", "uid": "UID", "uidnext": "UIDNext",
	"uidnotsticky": "UIDNotSticky", "uidplus": "UIDPlus", "uids": "UIDs", "uidvalidity": "UIDValidity",
	"unchangedsince": "UnchangedSince", "url": "URL", "userid": "UserID", "utf8": "UTF8",
}

// camel makes a Go name of a rule name or a keyword.
func camel(s string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(s, notAlphanumeric) {
		b.WriteString(camelWord(w))
	}
	return b.String()
}

// camelWord spells one word: as the table says, or with a capital first. A word
// of mixed case keeps the case of its other letters.
func camelWord(w string) string {
	l := strings.ToLower(w)
	if x, ok := words[l]; ok {
		return x
	}
	if w == strings.ToUpper(w) {
		w = l
	}
	return strings.ToUpper(w[:1]) + w[1:]
}

func notAlphanumeric(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
}

// letters are the letters and digits of a constant: what tells keywords apart.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if notAlphanumeric(r) {
			return -1
		}
		return r
	}, s)
}
