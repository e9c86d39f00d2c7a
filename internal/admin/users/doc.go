// Package users is the server-wide database of users: who may log in, and what proves it.
//
// A password is kept as a versioned record of two parts, neither of which is the password: argon2id (RFC 9106) for
// clients that show it, and StoredKey and ServerKey of SCRAM-SHA-256 (RFC 7677) for those that prove that they know it.
// Mail is not here: a user's account has the user's name in the mail store. When the database is lost, accounts are
// what is left of the list of users, and passwords have to be set anew.
package users
