// Package demo is what `imapsrv serve --demo` serves: accounts that come into being when somebody asks for them, a
// sample mailbox, and a certificate made at start.
//
// Nothing in it is for real mail: whoever asks for an account gets it.
package demo
