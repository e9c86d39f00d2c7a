package session

import (
	"context"

	"github.com/imapsrv/imapsrv/imap"
)

// The commands that the grammar knows and the engine does not. Their capabilities
// are not advertised, so that decoders take them for unknown ones and none of these
// methods is called; they say what is missing. To implement a command, take its
// line from here: two methods of a name do not compile.

// ACL
func (s *session) SetACL(context.Context, string, *imap.SetACL) error         { return errUnknown }
func (s *session) DeleteACL(context.Context, string, *imap.DeleteACL) error   { return errUnknown }
func (s *session) GetACL(context.Context, string, *imap.GetACL) error         { return errUnknown }
func (s *session) ListRights(context.Context, string, *imap.ListRights) error { return errUnknown }
func (s *session) MyRights(context.Context, string, *imap.MyRights) error     { return errUnknown }

// COMPRESS=DEFLATE
func (s *session) Compress(context.Context, string, *imap.Compress) error { return errUnknown }

// CONTEXT=SEARCH or CONTEXT=SORT
func (s *session) CancelUpdate(context.Context, string, *imap.CancelUpdate) error { return errUnknown }

// CONVERT
func (s *session) Conversions(context.Context, string, *imap.ConversionsCommand) error {
	return errUnknown
}
func (s *session) Convert(context.Context, string, *imap.Convert) error { return errUnknown }

// I18NLEVEL=2
func (s *session) Comparator(context.Context, string, *imap.ComparatorCommand) error {
	return errUnknown
}

// ID
func (s *session) ID(context.Context, string, *imap.IDCommand) error { return errUnknown }

// JMAPACCESS
func (s *session) GetJMAPAccess(context.Context, string, *imap.GetJMAPAccess) error {
	return errUnknown
}

// LANGUAGE
func (s *session) Language(context.Context, string, *imap.LanguageCommand) error { return errUnknown }

// MAILBOX-REFERRALS
func (s *session) RList(context.Context, string, *imap.RList) error { return errUnknown }
func (s *session) RLSub(context.Context, string, *imap.RLSub) error { return errUnknown }

// METADATA or METADATA-SERVER
func (s *session) SetMetadata(context.Context, string, *imap.SetMetadata) error { return errUnknown }
func (s *session) GetMetadata(context.Context, string, *imap.GetMetadata) error { return errUnknown }

// MULTISEARCH
func (s *session) ESearch(context.Context, string, *imap.ESearch) error { return errUnknown }

// NOTIFY
func (s *session) Notify(context.Context, string, *imap.Notify) error { return errUnknown }

// QUOTA or QUOTASET or QUOTA=RES-STORAGE or QUOTA=RES-MESSAGE or QUOTA=RES-MAILBOX or QUOTA=RES-ANNOTATION-STORAGE
func (s *session) GetQuota(context.Context, string, *imap.GetQuota) error         { return errUnknown }
func (s *session) GetQuotaRoot(context.Context, string, *imap.GetQuotaRoot) error { return errUnknown }
func (s *session) SetQuota(context.Context, string, *imap.SetQuota) error         { return errUnknown }

// REPLACE
func (s *session) Replace(context.Context, string, *imap.Replace) error { return errUnknown }

// SORT
func (s *session) Sort(context.Context, string, *imap.Sort) error { return errUnknown }

// THREAD=
func (s *session) Thread(context.Context, string, *imap.Thread) error { return errUnknown }

// UIDBATCHES
func (s *session) UIDBatches(context.Context, string, *imap.UIDBatches) error { return errUnknown }

// URLAUTH
func (s *session) ResetKey(context.Context, string, *imap.ResetKey) error     { return errUnknown }
func (s *session) GenURLAuth(context.Context, string, *imap.GenURLAuth) error { return errUnknown }
func (s *session) URLFetch(context.Context, string, *imap.URLFetch) error     { return errUnknown }

// UNAUTHENTICATE
func (s *session) Unauthenticate(context.Context, string, *imap.Unauthenticate) error {
	return errUnknown
}

// XAPPLEPUSHSERVICE
func (s *session) XApplePushService(context.Context, string, *imap.XApplePushService) error {
	return errUnknown
}

// XLIST
func (s *session) XList(context.Context, string, *imap.XList) error { return errUnknown }
