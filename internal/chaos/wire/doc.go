// Package wire is the vocabulary in which the decoders of protocols speak of what passes by: operations, and what
// becomes of them.
//
// It imports the standard library only. Invariant: nothing here changes or keeps the bytes that pass by; a decoder is fed a copy of the stream
// and says at which offset of it something is complete.
//
// Entry points: Decoder, which pg, http1 and resp implement; Op and Event.
package wire
