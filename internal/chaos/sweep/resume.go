package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
)

// kept is what a file keeps of runs that have been done.
type kept struct {
	file string
	// Of is a hash of the command and the code that it runs: what was shown of others says nothing. Points are no part of
	// it, as a test that is not the same twice would take away what is known of all others.
	Of   string               `json:"of"`
	Done []*verdict.Judgement `json:"done"`
}

// load reads the file that a sweep goes on from.
func (s *session) load(r *Result) (*kept, error) {
	k := &kept{file: s.options.Resume, Of: s.identity()}
	if k.file == "" {
		return k, nil
	}
	raw, err := os.ReadFile(k.file)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	var old kept
	if err := json.Unmarshal(raw, &old); err != nil {
		return nil, fmt.Errorf("resume from %s: it is not what a sweep has written: %w", k.file, err)
	}
	if old.Of != k.Of {
		r.Outdated = len(old.Done)
		return k, nil
	}
	k.Done = old.Done
	return k, nil
}

// identity is a hash of what is swept.
func (s *session) identity() string {
	hash := sha256.New()
	for _, word := range append(slices.Clone(s.options.Command), s.options.Code) {
		fmt.Fprintf(hash, "%q ", word)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// find gives the judgement of a run that has been done, nil for none.
func (k *kept) find(point fault.Point, kind fault.Kind) *verdict.Judgement {
	for _, j := range k.Done {
		if j.Point == point && j.Kind == kind && j.Reached {
			return j
		}
	}
	return nil
}

// add keeps a judgement. The file is replaced whole, so that an end at any moment leaves one that can be read.
func (k *kept) add(j *verdict.Judgement) error {
	if k.file == "" {
		return nil
	}
	k.Done = append(k.Done, j)
	raw, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	if err := replace(k.file, raw); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	return nil
}

// replace writes a file beside the one meant, syncs it and renames it.
func replace(name string, raw []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(raw)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
