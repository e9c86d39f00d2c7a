// Package prototype holds hand-written decoders and encoders for a part of
// IMAP: a measure of speed for the generated ones, and nothing to read or to
// use. It accepts more than it should, and has few limits.
package prototype
