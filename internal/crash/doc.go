// Package crash is several mail clients at work that remember every tagged
// OK, for tests that kill the server, cut its power or let its disk fail:
// whatever happens, what was acknowledged must be there afterwards, and
// nothing else but what was under way.
//
// A Load has workers, some for each user, and each has two mailboxes of its
// own, so that the outcome of every command is known before it is given;
// together they fill one mailbox for each user that all of them see.
//
// The test that kills the server as a process is here; those that need a
// disk that forgets or fails are where the disk is, in store/sqlitestore.
package crash
