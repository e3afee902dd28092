package all_test

import (
	"context"
	"runtime"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/fixture"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// engineJudge runs the engine on trees in memory.
type engineJudge struct{}

func (engineJudge) Check(head fixture.Files, o fixture.Options) (fixture.Result, error) {
	q, err := request(head, head, o)
	if err != nil {
		return fixture.Result{}, err
	}
	return result(engine.Check(context.Background(), q))
}

func (engineJudge) Diff(base, head fixture.Files, o fixture.Options) (fixture.Result, error) {
	q, err := request(head, base, o)
	if err != nil {
		return fixture.Result{}, err
	}
	return result(engine.Diff(context.Background(), tree.Memory(base), q))
}

// request asks for everything about files, with the configuration that stands in others.
func request(files, configured fixture.Files, o fixture.Options) (*engine.Request, error) {
	options := config.Default()
	for _, name := range []string{config.ProjectFile, config.OwnFile} {
		text, ok := configured[name]
		if !ok {
			continue
		}
		found, err := config.Parse(name, []byte(text), nil)
		if err != nil {
			return nil, err
		}
		if found != nil {
			options = found
		}
	}
	workers := runtime.GOMAXPROCS(0)
	if o.Serial {
		workers = 1
	}
	return &engine.Request{Tree: tree.Memory(files), Config: options, All: all.Rules(), Strict: o.Strict, Workers: workers}, nil
}

func result(r *engine.Result, err error) (fixture.Result, error) {
	if err != nil {
		return fixture.Result{}, err
	}
	out := fixture.Result{Findings: r.Findings}
	for _, i := range r.Incomplete {
		out.Incomplete = append(out.Incomplete, i.Path+": "+i.String())
	}
	return out, nil
}
