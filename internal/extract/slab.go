package extract

// slab holds the slices of many files in few allocations, as most files are small and have ten slices each. A slab is
// freed with the last file that has a part of it, so it must not be large beside what a long-lived program keeps.
type slab[T any] struct {
	free []T
	next int // how many elements the next allocation has room for
}

// slabElements bounds what one allocation has room for, unless a single file needs more.
const slabElements = 4096

// keep copies list to memory that nobody writes to again; nil for an empty one.
func (s *slab[T]) keep(list []T) []T {
	n := len(list)
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.next = min(max(2*s.next, n), slabElements)
		if n >= s.next {
			return append([]T(nil), list...)
		}
		s.free = make([]T, s.next)
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept, list)
	return kept
}
