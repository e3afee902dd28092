// Package cache keeps what was computed once, by the content that it was computed from.
//
// A store is a folder of segments. A segment is written whole, under a temporary name, and renamed when it is on disk, so
// that a run that is killed at any moment leaves either all of it or nothing that anybody reads. It never changes after
// that. Two runs at once write two segments; a run that finds many puts them together into one.
//
//	segment:  magic, tool │ payload payload … │ index: key, offset, length, checksum … │ footer: where the index is, its checksum
//
// What lies in the folder is not trusted: the folder and each segment must belong to the user and nobody else may write
// to them, a segment of another build of the program is ignored, and every payload is compared with its checksum when it
// is read. Whatever fails is a miss, and a miss costs time only.
//
// It imports nothing of the project. Invariant: Get returns the very bytes that Put was given under the same key by the
// same build, or nothing. Entry points: Open, KeyOf, Clean.
package cache
