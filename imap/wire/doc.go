// Package wire is the runtime of generated IMAP codecs: it frames a byte stream
// into protocol units, and decodes and encodes the leaves that every rule is
// made of, such as numbers, strings, literals, dates and sets.
//
// Generated code embeds Dec in its decoder and Enc in its encoder. Programs
// mostly meet the package through package imap, which aliases what they need;
// a package generated from another grammar shares the same leaf types.
//
// The package knows octets, not IMAP's commands. It uses the standard library
// only, never panics on input, and bounds what input can make it allocate.
package wire
