package engine

import (
	"context"
	"time"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// settled is how long a file has to be unchanged before its stamp is believed: longer than the time of a file system
// ticks, or its clock is ahead of ours.
const settled = 2 * time.Second

// stamps are the contents of files by what the file system says of them, so that a run need not read all files to find out that
// they are what they were.
type stamps struct {
	of interface {
		Stamp(tree.Entry) (string, time.Time, bool)
	}
	now    time.Time
	before map[string]stamped // by path
	found  []stamped          // by number of file; without an ID where nothing may be kept
}

type stamped struct{ stamp, id string }

// stampsOf gives what is known of the files of a tree; nil where that is never anything.
func (q *Request) stampsOf(files int) *stamps {
	of, ok := q.Tree.(interface {
		Stamp(tree.Entry) (string, time.Time, bool)
	})
	if !ok || q.Cache == nil || q.Now.IsZero() {
		return nil
	}
	s := &stamps{of: of, now: q.Now, before: map[string]stamped{}, found: make([]stamped, files)}
	encoded, _ := q.Cache.Get(q.stampsKey())
	r := &unflat{in: string(encoded)}
	paths, stamps, ids := r.texts(), r.texts(), r.texts()
	if r.bad || len(paths) != len(stamps) || len(paths) != len(ids) {
		return s
	}
	for i := range paths {
		s.before[paths[i]] = stamped{stamps[i], ids[i]}
	}
	return s
}

func (q *Request) stampsKey() cache.Key { return cache.KeyOf("stamps", q.Tree.Name()) }

// identify finds out what tells the content of a file from others, by its stamp or by reading it.
func (s *stamps) identify(ctx context.Context, f *file, number int) {
	if s == nil || f.id != "" {
		f.identify(ctx)
		return
	}
	stamp, changed, ok := s.of.Stamp(f.entry)
	if before := s.before[f.entry.Path]; ok && before.stamp == stamp {
		f.id = before.id
		s.found[number] = before
		return
	}
	f.identify(ctx)
	if ok && changed.Add(settled).Before(s.now) {
		s.found[number] = stamped{stamp, f.id}
	}
}

// staleShare is how many of all files have to be new to the stamps before these are written again: to read one file costs
// less than to write the stamps of a hundred.
const staleShare = 100

// keep stores the stamps for the next run, where it gains by that.
func (s *stamps) keep(q *Request, files []*file) {
	if s == nil {
		return
	}
	var paths, stamps, ids []string
	fresh := 0
	for i, f := range files {
		if one := s.found[i]; one.id != "" {
			paths, stamps, ids = append(paths, f.entry.Path), append(stamps, one.stamp), append(ids, one.id)
			if s.before[f.entry.Path] != one {
				fresh++
			}
		}
	}
	if fresh*staleShare <= len(files) {
		return
	}
	w := &flat{}
	w.texts(paths)
	w.texts(stamps)
	w.texts(ids)
	q.Cache.Put(q.stampsKey(), w.out)
}
