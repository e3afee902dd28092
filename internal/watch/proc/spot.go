package proc

import "strings"

// spot is a file, or a folder with its files, and how many descriptors of one round lead there.
type spot struct {
	group   Group
	folder  *spot // of a file
	members int
	round   uint32
}

// spots has one for each path, so that thousands of descriptors are counted without looking at a text again.
type spots struct {
	// byPath has files that have a name, byGone those that have none any more. Folders end with a slash.
	byPath, byGone map[string]*spot
	counted        []*spot // in this round
}

func newSpots() spots { return spots{byPath: map[string]*spot{}, byGone: map[string]*spot{}} }

// maxPaths is how many paths are kept to share their text.
const maxPaths = 1 << 16

// known gives the file that a link names, nil where it is not known yet or the link alone does not tell.
func (s *spots) known(link []byte) *spot {
	if len(link) == 0 || link[0] != '/' {
		return nil
	}
	found := s.byPath[string(link)]
	if found != nil && strings.HasSuffix(found.group.Where, deletedMark) {
		return nil // a file without a name may have the same link
	}
	return found
}

// at gives the file of a path.
func (s *spots) at(kind Kind, path string) *spot {
	table := s.byPath
	if kind == Deleted {
		table = s.byGone
	}
	if len(table) > maxPaths {
		clear(table) // descriptors keep theirs
	}
	found := table[path]
	if found == nil {
		found = &spot{group: Group{Narrow: true, Kind: kind, Where: path}}
		table[path] = found
		if !isDir(path) {
			found.folder = s.at(kind, dirOf(path))
		}
	}
	return found
}

// begin forgets what was counted in the round before.
func (s *spots) begin() { s.counted = s.counted[:0] }

// count counts one descriptor for a file and its folder.
func (s *spots) count(one *spot, round uint32) {
	for ; one != nil; one = one.folder {
		if one.round != round {
			one.round, one.members = round, 0
			s.counted = append(s.counted, one)
		}
		one.members++
	}
}

// add puts the groups of a round into counts, those of files with at least so many members.
func (s *spots) add(counts map[Group]int, least int) {
	for _, one := range s.counted {
		if one.members >= least || one.folder == nil {
			counts[one.group] += one.members
		}
	}
}
