package all_test

import (
	"errors"

	"github.com/tiebeam/tiebeam/internal/fixture"
)

// engineJudge runs the engine on trees in memory.
type engineJudge struct{}

func (engineJudge) Check(head fixture.Files, o fixture.Options) (fixture.Result, error) {
	return fixture.Result{}, errors.New("no engine")
}

func (engineJudge) Diff(base, head fixture.Files, o fixture.Options) (fixture.Result, error) {
	return fixture.Result{}, errors.New("no engine")
}
