package gen

import "strings"

// words is the one table of spellings: initialisms, and RFC words that are
// written without separators. It grows with the RFCs, not with the rules.
var words = map[string]string{
	"8bit": "8Bit", "acl": "ACL", "addto": "AddTo", "adl": "Route", "alreadyexists": "AlreadyExists",
	"annotationsize": "AnnotationSize", "appendlimit": "AppendLimit", "appenduid": "AppendUID",
	"authenticationfailed": "AuthenticationFailed", "authorizationfailed": "AuthorizationFailed",
	"autosent": "AutoSent", "bad": "BAD", "badcharset": "BadCharset", "badcomparator": "BadComparator",
	"badevent": "BadEvent", "badurl": "BadURL", "bcc": "Bcc", "bodypartstructure": "BodyPartStructure",
	"bodystructure": "BodyStructure", "bye": "BYE", "cancelupdate": "CancelUpdate",
	"canunsubscribe": "CanUnsubscribe", "cc": "Cc", "changedsince": "ChangedSince", "childinfo": "ChildInfo",
	"clientbug": "ClientBug", "compressionactive": "CompressionActive", "condstore": "CondStore",
	"contactadmin": "ContactAdmin", "copyuid": "CopyUID", "cte": "CTE", "deleteacl": "DeleteACL",
	"displayfrom": "DisplayFrom", "displayto": "DisplayTo", "dsp": "Disposition", "emailid": "EmailID",
	"esearch": "ESearch", "esort": "ESort", "expungeissued": "ExpungeIssued", "genurlauth": "GenURLAuth",
	"getacl": "GetACL", "getmetadata": "GetMetadata", "getquota": "GetQuota", "getquotaroot": "GetQuotaRoot",
	"gm": "GM", "hasattachment": "HasAttachment", "haschildren": "HasChildren", "hasmemo": "HasMemo",
	"hasnoattachment": "HasNoAttachment", "hasnochildren": "HasNoChildren", "highestmodseq": "HighestModSeq",
	"i18nlevel": "I18NLevel", "id": "ID", "imap": "IMAP", "imap4rev1": "IMAP4rev1", "imap4rev2": "IMAP4rev2",
	"imapsieve": "IMAPSieve", "inprogress": "InProgress", "internaldate": "InternalDate", "inuse": "InUse",
	"istrusted": "IsTrusted", "jmapaccess": "JMAPAccess", "listext": "ListExt", "listrights": "ListRights",
	"logindisabled": "LoginDisabled", "longentries": "LongEntries", "lsub": "LSub", "mailboxid": "MailboxID",
	"maskedemail": "MaskedEmail", "maxconvertmessages": "MaxConvertMessages",
	"maxconvertparts": "MaxConvertParts", "maxsize": "MaxSize", "md5": "MD5", "mdnsent": "MDNSent",
	"messagelimit": "MessageLimit", "mime": "MIME", "modseq": "ModSeq", "msgid": "MsgID", "msgs": "Msgs",
	"multiappend": "MultiAppend", "multisearch": "MultiSearch", "myrights": "MyRights", "newname": "NewName",
	"no": "NO", "noinferiors": "NoInferiors", "nomodseq": "NoModSeq", "nonexistent": "NonExistent",
	"noperm": "NoPerm", "noprivate": "NoPrivate", "noselect": "NoSelect",
	"notificationoverflow": "NotificationOverflow", "notjunk": "NotJunk", "notsaved": "NotSaved",
	"noupdate": "NoUpdate", "objectid": "ObjectID", "ok": "OK", "oldname": "OldName",
	"orderedsubject": "OrderedSubject", "overquota": "OverQuota", "permanentflags": "PermanentFlags",
	"preauth": "PreAuth", "privacyrequired": "PrivacyRequired", "qresync": "QResync", "quotaroot": "QuotaRoot",
	"quotaset": "QuotaSet", "recursivematch": "RecursiveMatch", "removefrom": "RemoveFrom",
	"resetkey": "ResetKey", "rfc822": "RFC822", "rlist": "RList", "rlsub": "RLSub", "sasl": "SASL",
	"savedate": "SaveDate", "savedatesupported": "SaveDateSupported", "savedbefore": "SavedBefore",
	"savedon": "SavedOn", "savedsince": "SavedSince", "savelimit": "SaveLimit", "searchres": "SearchRes",
	"sentbefore": "SentBefore", "senton": "SentOn", "sentsince": "SentSince", "serverbug": "ServerBug",
	"setacl": "SetACL", "setmetadata": "SetMetadata", "setquota": "SetQuota", "starttls": "StartTLS",
	"tempfail": "TempFail", "threadid": "ThreadID", "thrid": "ThrID", "toobig": "TooBig", "toofew": "TooFew",
	"toomany": "TooMany", "trycreate": "TryCreate", "uid": "UID", "uidafter": "UIDAfter",
	"uidbatches": "UIDBatches", "uidbefore": "UIDBefore", "uidnext": "UIDNext", "uidnotsticky": "UIDNotSticky",
	"uidonly": "UIDOnly", "uidplus": "UIDPlus", "uidrequired": "UIDRequired", "uids": "UIDs",
	"uidvalidity": "UIDValidity", "unchangedsince": "UnchangedSince", "undefinedfilter": "UndefinedFilter",
	"url": "URL", "urlauth": "URLAuth", "urlfetch": "URLFetch", "urlmech": "URLMech", "useattr": "UseAttr",
	"userid": "UserID", "utf8": "UTF8", "xapplepushservice": "XApplePushService", "xlist": "XList",
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
