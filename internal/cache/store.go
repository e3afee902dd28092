package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Key names a payload by all that it depends on.
type Key [sha256.Size]byte

// KeyOf makes a key of its parts; the lengths of the parts count as well, so no two lists of parts run together.
func KeyOf(parts ...string) Key {
	hash := sha256.New()
	var size [8]byte
	for _, part := range parts {
		binary.LittleEndian.PutUint64(size[:], uint64(len(part)))
		hash.Write(size[:])
		hash.Write([]byte(part))
	}
	return Key(hash.Sum(nil))
}

// Limits of a store. Over them only what the last run used is kept.
const (
	maxSegments = 8
	maxBytes    = 1 << 30
)

// Store is an open cache. It is safe for concurrent use; a nil store misses always and keeps nothing.
type Store struct {
	dir  string
	tool Key

	mu       sync.Mutex
	segments []*segment
	where    map[Key]location
	used     map[Key]bool
	pending  map[Key][]byte
}

// location is where a payload lies.
type location struct {
	segment *segment
	record
}

// Open opens the store in a folder, which it makes where there is none. The tool names the build of the program: what
// another build wrote is never read. The error says why the folder cannot be used or trusted.
func Open(dir, tool string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("cache %s: not a directory, but %s", dir, info.Mode().Type())
	}
	if reason := distrust(info); reason != "" {
		return nil, fmt.Errorf("cache %s: %s", dir, reason)
	}
	s := &Store{dir: dir, tool: KeyOf(tool), where: map[Key]location{}, used: map[Key]bool{}, pending: map[Key][]byte{}}
	names, err := segmentNames(dir)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	for _, name := range names {
		found, err := openSegment(filepath.Join(dir, name), s.tool)
		if err != nil {
			// Of another build, damaged or not ours: it is as if it were not there, and the next compaction drops it.
			continue
		}
		s.segments = append(s.segments, found)
	}
	// What was put last under a key is what counts.
	slices.SortStableFunc(s.segments, func(a, b *segment) int { return a.written.Compare(b.written) })
	for _, found := range s.segments {
		for _, r := range found.records {
			s.where[r.key] = location{found, r}
		}
	}
	return s, nil
}

// Names of files in the folder.
const (
	suffix    = ".segment"
	temporary = "new-*.tmp"
)

func segmentNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && strings.HasSuffix(entry.Name(), suffix) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Get returns what was stored under a key. The caller owns the bytes.
func (s *Store) Get(key Key) ([]byte, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	payload, waiting := s.pending[key]
	at, ok := s.where[key]
	s.used[key] = ok || waiting
	s.mu.Unlock()
	if waiting {
		return slices.Clone(payload), true
	}
	if !ok {
		return nil, false
	}
	payload, err := at.segment.read(at.record)
	if err != nil {
		s.mu.Lock()
		delete(s.where, key)
		s.mu.Unlock()
		return nil, false
	}
	return payload, true
}

// Has says whether something is stored under a key; Get may still find it damaged.
func (s *Store) Has(key Key) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waiting := s.pending[key]
	_, ok := s.where[key]
	return ok || waiting
}

// Put stores bytes under a key; they must not be changed afterwards. They are on disk once Close has returned.
func (s *Store) Put(key Key, payload []byte) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[key] = payload
	s.used[key] = true
}

// Close writes what was put. An error, such as a full disk, costs what was new and nothing else.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.release()
	if len(s.pending) == 0 {
		return nil
	}
	if err := s.write(); err != nil {
		return fmt.Errorf("cache not written: %w", err)
	}
	return nil
}

// write adds a segment or, where there are many, puts the smaller ones into one; where the store is too large, all of them.
func (s *Store) write() error {
	names, err := segmentNames(s.dir)
	if err != nil {
		return err
	}
	var size int64
	for _, found := range s.segments {
		size += found.size
	}
	for _, payload := range s.pending {
		size += int64(len(payload))
	}
	if len(names) < maxSegments && size < maxBytes {
		return writeSegment(s.dir, s.tool, s.pending)
	}
	var kept []*segment
	if size < maxBytes {
		kept = s.large()
	}
	all := s.pending
	for key, at := range s.where {
		if slices.Contains(kept, at.segment) || size >= maxBytes && !s.used[key] || all[key] != nil {
			continue
		}
		if payload, err := at.segment.read(at.record); err == nil {
			all[key] = payload
		}
	}
	if err := writeSegment(s.dir, s.tool, all); err != nil {
		return err
	}
	return remove(s.dir, slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(kept, func(of *segment) bool { return filepath.Base(of.file.Name()) == name })
	}))
}

// large gives the segments that are not worth being copied: each larger than all smaller ones together. At least the smaller
// half is not among them.
func (s *Store) large() []*segment {
	bySize := slices.SortedFunc(slices.Values(s.segments), func(a, b *segment) int { return cmp.Compare(a.size, b.size) })
	var sum int64
	for i, one := range bySize {
		if i >= maxSegments/2 && one.size > sum {
			return bySize[i:]
		}
		sum += one.size
	}
	return nil
}

// release closes the files; the store misses from then on.
func (s *Store) release() {
	for _, found := range s.segments {
		found.file.Close()
	}
	s.segments, s.where, s.pending = nil, map[Key]location{}, map[Key][]byte{}
}

// remove deletes files of a store; one that another run has deleted already is no error.
func remove(dir string, names []string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Clean deletes the files of a store and then the folder, unless it holds something else. It returns how many bytes that
// freed. A folder that does not exist is clean.
func Clean(dir string) (freed int64, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cache: %w", err)
	}
	for _, entry := range entries {
		left, _ := filepath.Match(temporary, entry.Name())
		if !entry.Type().IsRegular() || !left && !strings.HasSuffix(entry.Name(), suffix) {
			continue
		}
		if info, err := entry.Info(); err == nil {
			freed += info.Size()
		}
		if err := remove(dir, []string{entry.Name()}); err != nil {
			return freed, fmt.Errorf("cache: %w", err)
		}
	}
	// It stays where it holds something that is not ours.
	_ = os.Remove(dir)
	return freed, nil
}
