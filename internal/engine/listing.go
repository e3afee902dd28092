package engine

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// wanted says which files of a tree a request is about.
func (q *Request) wanted() func(name string) bool {
	policy := q.policyFiles()
	return func(name string) bool {
		return isRelevant(name) || contract.Relevant(name, q.Config.Decisions) || slices.Contains(policy, name)
	}
}

// list lists the request's tree. A commit is always the same, so its listing is kept; that of head is made from base's by
// what git says differs.
func (q *Request) list(ctx context.Context, base *inventory) (*tree.Listing, error) {
	revision, ok := q.Tree.(*tree.Revision)
	if !ok {
		return q.Tree.List(ctx, q.wanted())
	}
	if base != nil {
		if of, ok := base.q.Tree.(*tree.Revision); ok {
			if listing, ok, err := revision.ListFrom(ctx, of, base.listing, q.wanted()); ok || err != nil {
				return listing, err
			}
		}
	}
	key, ok := q.listingKey(revision)
	if ok {
		if encoded, there := q.Cache.Get(key); there {
			if listing := unflatListing(string(encoded)); listing != nil {
				return listing, nil
			}
		}
	}
	listing, err := revision.List(ctx, q.wanted())
	if ok && err == nil {
		q.Cache.Put(key, flatListing(listing))
	}
	return listing, err
}

// listingKey names the listing of a commit by all that it depends on; ok is false where it is not kept.
func (q *Request) listingKey(revision *tree.Revision) (key cache.Key, ok bool) {
	if q.Cache == nil || revision.Commit() == "" {
		return key, false
	}
	options, err := json.Marshal([]any{q.Config.Exclude, q.Config.Decisions, q.policyFiles()})
	return cache.KeyOf("listing", revision.Commit(), string(options)), err == nil
}

func flatListing(l *tree.Listing) []byte {
	w := &flat{}
	w.number(len(l.Entries))
	for i := range l.Entries {
		w.text(l.Entries[i].Path)
		w.text(l.Entries[i].ID)
	}
	w.number(len(l.Problems))
	for _, p := range l.Problems {
		w.text(p.Path)
		w.number(p.Line)
		w.text(p.Reason)
	}
	w.number(len(l.Skipped))
	for _, s := range l.Skipped {
		w.text(s.Reason)
		w.number(s.Files)
		w.number(s.Dirs)
		w.texts(s.Examples)
	}
	return w.out
}

// unflatListing reads a listing, nil where it is damaged.
func unflatListing(encoded string) *tree.Listing {
	r := &unflat{in: encoded}
	l := &tree.Listing{Entries: make([]tree.Entry, r.number(2))}
	for i := range l.Entries {
		l.Entries[i] = tree.Entry{Path: r.text(), ID: r.text()}
	}
	for range r.number(3) {
		l.Problems = append(l.Problems, tree.Problem{Path: r.text(), Line: r.number(0), Reason: r.text()})
	}
	for range r.number(4) {
		l.Skipped = append(l.Skipped, tree.Skip{Reason: r.text(), Files: r.number(0), Dirs: r.number(0), Examples: r.texts()})
	}
	if r.bad || r.in != "" {
		return nil
	}
	return l
}
