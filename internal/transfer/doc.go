// Package transfer moves whole accounts: out of a store (Export), into one (Importer), and between processes (Writer,
// Read). All of them speak one language, that of a Receiver: the account with its mailboxes, then each mailbox with its
// messages. Packages maildir and mbox are the other ends.
//
// # The files beside the messages
//
// What Maildir and mbox cannot say is in files of JSON beside the messages. A directory that was exported to has
// "imapsrv-account.json", an AccountFile: the mailboxes with their names, special uses and directories or files, and the
// subscriptions. Each mailbox has a file of lines, one JSON object each: first {"imapsrv-messages":1}, the version, then
// one Line for each message. Readers ignore members that they do not know; a version that they do not know is an error.
package transfer
