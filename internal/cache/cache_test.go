//go:build unix

package cache

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func open(t *testing.T, dir, tool string) *Store {
	t.Helper()
	s, err := Open(dir, tool)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// filled makes a store with some payloads and returns its only segment.
func filled(t *testing.T, dir string) (segment string) {
	t.Helper()
	s := open(t, dir, "v1")
	for i := range 20 {
		s.Put(KeyOf("k", fmt.Sprint(i)), payload(i))
	}
	closed(t, s)
	names, err := segmentNames(dir)
	if err != nil || len(names) != 1 {
		t.Fatalf("segments are %v, %v", names, err)
	}
	return filepath.Join(dir, names[0])
}

func payload(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i*100) }

// wrong counts payloads that are neither missing nor right.
func wrong(t *testing.T, s *Store) (hits, bad int) {
	t.Helper()
	for i := range 20 {
		if got, ok := s.Get(KeyOf("k", fmt.Sprint(i))); ok {
			hits++
			if !bytes.Equal(got, payload(i)) {
				bad++
			}
		}
	}
	return hits, bad
}

func TestWhatWasPutComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	filled(t, dir)
	s := open(t, dir, "v1")
	defer s.Close()
	if hits, bad := wrong(t, s); hits != 20 || bad != 0 {
		t.Errorf("%d hits, %d wrong", hits, bad)
	}
	if _, ok := s.Get(KeyOf("other")); ok {
		t.Error("a key that was never put is found")
	}
	s.Put(KeyOf("other"), []byte("x"))
	if got, ok := s.Get(KeyOf("other")); !ok || string(got) != "x" {
		t.Error("what was put in this run is not found")
	}
}

func TestKeysDoNotRunTogether(t *testing.T) {
	if KeyOf("ab", "c") == KeyOf("a", "bc") || KeyOf("a") == KeyOf("a", "") {
		t.Error("two lists of parts have the same key")
	}
}

func TestAnotherBuildReadsNothing(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir)
	s := open(t, dir, "v2")
	defer s.Close()
	if hits, _ := wrong(t, s); hits != 0 {
		t.Errorf("%d hits", hits)
	}
}

func TestDamageIsAMiss(t *testing.T) {
	dir := t.TempDir()
	name := filled(t, dir)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewSource(1))
	try := func(what string, raw []byte) {
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, "v1")
		defer s.Close()
		if _, bad := wrong(t, s); bad != 0 {
			t.Errorf("%s: %d payloads are wrong", what, bad)
		}
	}
	for range 300 {
		raw := bytes.Clone(good)
		at := random.Intn(len(raw))
		raw[at] ^= 1 << random.Intn(8)
		try(fmt.Sprintf("bit flip at %d", at), raw)
	}
	for range 100 {
		size := random.Intn(len(good))
		try(fmt.Sprintf("cut to %d", size), good[:size])
	}
	try("another at its end", append(bytes.Clone(good), good...))
	huge := bytes.Clone(good)
	for i := range 12 {
		huge[len(huge)-footSize+i] = 0xff
	}
	try("huge index", huge)
}

func TestStoresThatCannotBeTrusted(t *testing.T) {
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{open, link, file} {
		if _, err := Open(dir, "v1"); err == nil {
			t.Errorf("%s is opened", dir)
		}
	}
}

func TestSegmentsThatCannotBeTrusted(t *testing.T) {
	dir := t.TempDir()
	name := filled(t, dir)
	if err := os.Chmod(name, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"+suffix), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "zero"+suffix)); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "v1")
	defer s.Close()
	if hits, _ := wrong(t, s); hits != 0 {
		t.Errorf("%d hits", hits)
	}
}

func TestManySegmentsBecomeOne(t *testing.T) {
	dir := t.TempDir()
	for i := range 3*maxSegments + 1 {
		s := open(t, dir, "v1")
		s.Put(KeyOf("k", fmt.Sprint(i)), payload(i))
		closed(t, s)
	}
	names, err := segmentNames(dir)
	if err != nil || len(names) > maxSegments {
		t.Errorf("%d segments, %v", len(names), err)
	}
	s := open(t, dir, "v1")
	defer s.Close()
	if hits, bad := wrong(t, s); hits != 20 || bad != 0 {
		t.Errorf("%d hits, %d wrong", hits, bad)
	}
}

// TestALargeSegmentIsNotCopied: what a run on all of a project left stays where it is when small runs follow on it.
func TestALargeSegmentIsNotCopied(t *testing.T) {
	dir := t.TempDir()
	large := filled(t, dir)
	s := open(t, dir, "v1")
	s.Put(KeyOf("again"), bytes.Repeat([]byte{1}, 10_000))
	closed(t, s)
	for i := range 5 * maxSegments {
		s := open(t, dir, "v1")
		s.Put(KeyOf("small", fmt.Sprint(i)), []byte{byte(i)})
		s.Put(KeyOf("again"), []byte{byte(i)}) // the last one counts
		closed(t, s)
		if _, err := os.Stat(large); err != nil {
			t.Fatalf("run %d: %v", i, err)
		}
		s = open(t, dir, "v1")
		if got, ok := s.Get(KeyOf("again")); !ok || !bytes.Equal(got, []byte{byte(i)}) {
			t.Fatalf("run %d: %v, %v", i, got, ok)
		}
		if got, ok := s.Get(KeyOf("small", "0")); !ok || !bytes.Equal(got, []byte{0}) {
			t.Fatalf("run %d: %v, %v", i, got, ok)
		}
		s.release()
	}
	if names, err := segmentNames(dir); err != nil || len(names) > maxSegments {
		t.Errorf("%d segments, %v", len(names), err)
	}
}

func TestRunsAtOnce(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 15 {
				s, err := Open(dir, "v1")
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 20 {
					key := KeyOf("k", fmt.Sprint(i))
					if got, ok := s.Get(key); ok && !bytes.Equal(got, payload(i)) {
						t.Error("a payload is wrong")
					} else if !ok {
						s.Put(key, payload(i))
					}
				}
				s.Put(KeyOf("changes", fmt.Sprint(len(s.where))), []byte("x"))
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestAKilledRunLeavesNothingThatIsRead(t *testing.T) {
	dir := t.TempDir()
	name := filled(t, dir)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "new-1.tmp"), good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "v1")
	if hits, _ := wrong(t, s); hits != 0 {
		t.Errorf("%d hits", hits)
	}
	closed(t, s)
	if _, err := Clean(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("what a killed run left is not cleaned")
	}
}

func TestAFullDiskCostsWhatWasNew(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir)
	s := open(t, dir, "v1")
	s.Put(KeyOf("new"), []byte("x"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "cache not written") {
		t.Errorf("got %v", err)
	}
}

func TestCleanLeavesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir)
	mine := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(mine, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if freed, err := Clean(dir); err != nil || freed == 0 {
		t.Errorf("freed %d, %v", freed, err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
	if _, err := Clean(filepath.Join(dir, "gone")); err != nil {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

func TestNoStore(t *testing.T) {
	var s *Store
	s.Put(KeyOf("k"), nil)
	if _, ok := s.Get(KeyOf("k")); ok || s.Close() != nil {
		t.Error("no store keeps something")
	}
}
