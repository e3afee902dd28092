package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/pelletier/go-toml/v2"
)

// Extend gives a catalogue with rows of a user's configuration on top: a row takes the place of every built-in row
// for the same path. file names the configuration in errors; rows are the decoded tables of its "catalog" array, and a
// row without a source gets file as its source. The error lists every fault, each with file, row and field; then the
// catalogue is nil.
func (c *Catalog) Extend(file string, rows []map[string]any) (*Catalog, error) {
	extended := *c
	extended.user = &Library{Name: file, Source: file, file: file}
	var errs []error
	for i, row := range rows {
		entry, err := decodeRow(row)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: catalog row %d: %w", file, i+1, err))
			continue
		}
		if entry.Source == "" {
			entry.Source = file
		}
		for _, err := range entry.check() {
			errs = append(errs, fmt.Errorf("%s: catalog row %d: %w", file, i+1, err))
		}
		extended.user.rows = append(extended.user.rows, entry.split(extended.user)...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	extended.user.once.Do(func() {}) // the rows are there: nothing is left to decode
	return &extended, nil
}

// decodeRow turns one decoded table into an entry, through TOML so that user rows and data files are read alike.
func decodeRow(row map[string]any) (*Entry, error) {
	text, err := toml.Marshal(maps.Clone(row))
	if err != nil {
		return nil, err
	}
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	entry := &Entry{}
	err = decoder.Decode(entry)
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		key := missing.Errors[0].Key()
		return nil, fmt.Errorf("row %q: unknown field %q%s", row["path"], last(key), hintField(reflect.TypeFor[Entry](), key))
	}
	if err != nil {
		return nil, fmt.Errorf("row %q: %w", row["path"], err)
	}
	return entry, nil
}
