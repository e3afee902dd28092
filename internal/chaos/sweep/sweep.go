package sweep

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Forward is a fixed address that stands for a service, for programs that name theirs in their code.
type Forward struct {
	Protocol wire.Protocol
	// Listen and Upstream are host and port.
	Listen, Upstream string
}

// Options say what is swept and how.
type Options struct {
	// Command is run in Dir with Environment, Before before each run of it.
	Command, Before []string
	Dir             string
	Environment     []string
	// Redirect are further variables that lead to services.
	Redirect []redirect.Named
	Forwards []Forward
	// NoProxy leaves HTTP_PROXY and the authorities of TLS as they are.
	NoProxy bool
	// Kinds are tried at every point, or at every operation with AllPoints.
	Kinds     []fault.Kind
	AllPoints bool
	// Only are patterns; a point is tried where one matches its test or its operation.
	Only []string
	// Budget is the time after which no further run is begun, 0 for none.
	Budget time.Duration
	// RunLimit is how long one run may take; Patience and Delay are those of faults.
	RunLimit, Patience, Delay time.Duration
	// Seed decides the order of points of equal weight, 0 keeps that of the test.
	Seed uint64
	// Resume is a file that keeps what has been done, empty for none. Code stands for the source that is run: what was
	// kept of other source says nothing.
	Resume, Code string
	// KeyFields are header fields with idempotency keys. ShowValues keeps parameters in clear.
	KeyFields   []string
	ShowValues  bool
	AllowRemote bool
	// Progress is told what goes on; may be nil.
	Progress func(Progress) `json:"-"`
}

// Progress is how far a sweep is.
type Progress struct {
	// Stage is what goes on now.
	Stage string
	// Done and Total are runs with a fault; Left is the time that the rest will take, 0 where it is not known yet.
	Done, Total int
	Left        time.Duration
}

// Result is what a sweep showed.
type Result struct {
	Bases      []*verdict.Basis
	Judgements []*verdict.Judgement
	// Problems say what could not be judged at all; the first is the most telling.
	Problems []string
	// Refused is what was asked of a proxy and denied.
	Refused []string
	// Points, Runs and Known count points, runs with a fault, and those that were taken from an earlier sweep.
	Points, Runs, Known int
	// Outdated counts runs in the file to go on from that are of another command or other code, and say nothing.
	Outdated int
	// Shown counts runs that were left out as another fault at their points had shown the same already.
	Shown int
	// Left counts runs that the budget or an interrupt left out.
	Left int
	// Interrupted is true where the sweep was ended from outside.
	Interrupted bool
	// Baseline is how long a run without a fault takes, Took how long it all took.
	Baseline, Took time.Duration
	// Traffic counts operations that were seen in the first run.
	Traffic int
}

// Run sweeps. The error is one of use; what could not be judged is in the result.
func Run(ctx context.Context, options *Options) (*Result, error) {
	started := time.Now()
	s, err := open(options)
	if err != nil {
		return nil, err
	}
	defer s.close()
	r := &Result{}
	defer func() { r.Took = time.Since(started) }()
	baseline, err := s.baseline(ctx, r)
	if err != nil {
		return nil, err
	}
	if !baseline {
		r.Interrupted = ctx.Err() != nil
		return r, nil
	}
	return r, s.points(ctx, r, started)
}

// baseline runs the command twice without a fault. It says whether there is something to sweep.
func (s *session) baseline(ctx context.Context, r *Result) (bool, error) {
	var runs []*verdict.Run
	for i, name := range []string{"first", "second"} {
		s.tell(Progress{Stage: name + " run without a fault"})
		run, end, err := s.run(ctx, fault.Plan{}, nil, s.options.RunLimit)
		switch {
		case errors.Is(err, context.Canceled):
			r.Problems = append(r.Problems, "interrupted before the baseline was complete")
			return false, nil
		case err != nil:
			return false, err
		case end.timedOut:
			r.Problems = append(r.Problems, fmt.Sprintf("the command did not end within %s without a fault (--run-limit)", s.options.RunLimit))
			return false, nil
		}
		runs = append(runs, run)
		r.Baseline = end.took
		if i == 0 {
			r.Traffic, r.Refused = len(run.Trace.Records), run.Trace.Refused
			if !s.seen(r, run, end) {
				return false, nil
			}
		}
	}
	r.Bases = verdict.NewBaseline(runs[0], runs[1], s.options.AllPoints)
	for _, b := range r.Bases {
		r.Points += len(b.Points)
	}
	if len(r.Bases) == 0 {
		r.Problems = append(r.Problems, "no test ran")
	}
	return r.Points > 0, nil
}

// seen says whether a first run can be the baseline of anything.
func (s *session) seen(r *Result, run *verdict.Run, end ending) bool {
	switch {
	case len(run.Trace.Records) == 0 && end.code != 0:
		r.Problems = append(r.Problems, fmt.Sprintf("the command ends with %d and no traffic was seen; its last words: %s", end.code, lastLines(s.secrets.Replace(end.output))))
	case len(run.Trace.Records) == 0:
		why := "no traffic was seen through the proxies"
		if len(run.Trace.Blind) > 0 {
			why += ": " + run.Trace.Blind[0].Reason
		} else if len(run.Trace.Refused) > 0 {
			why += ": what the program asked for was refused"
		} else if len(s.routes.All) == 0 && len(s.options.Forwards) == 0 {
			why += ": no variable such as DATABASE_URL, PGHOST or REDIS_URL names a service (--redirect NAME, --forward PROTOCOL:PORT=HOST:PORT)"
		} else {
			why += ": the program may name its services in its code (--forward PROTOCOL:PORT=HOST:PORT)"
		}
		r.Problems = append(r.Problems, why)
	default:
		return true
	}
	return false
}

// lastLines are the last words of a command, on one line.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " / ")
}

func (s *session) tell(p Progress) {
	if s.options.Progress != nil {
		s.options.Progress(p)
	}
}

// job is one run with a fault.
type job struct {
	basis *verdict.Basis
	point verdict.Candidate
	kind  fault.Kind
}

// jobs are all runs, the most telling first: by kind, then effects before what precedes them.
func (s *session) jobs(r *Result) []job {
	var all []job
	for _, kind := range s.options.Kinds {
		var weighty, light []job
		for _, b := range r.Bases {
			for _, p := range b.Points {
				if !s.wanted(p.Point) {
					continue
				}
				if p.Writes {
					weighty = append(weighty, job{b, p, kind})
				} else {
					light = append(light, job{b, p, kind})
				}
			}
		}
		if s.options.Seed != 0 {
			chance := rand.New(rand.NewPCG(s.options.Seed, 0))
			chance.Shuffle(len(weighty), func(i, j int) { weighty[i], weighty[j] = weighty[j], weighty[i] })
			chance.Shuffle(len(light), func(i, j int) { light[i], light[j] = light[j], light[i] })
		}
		all = append(append(all, weighty...), light...)
	}
	return all
}

// wanted says whether a point is among those that were asked for.
func (s *session) wanted(p fault.Point) bool {
	return len(s.options.Only) == 0 || slices.ContainsFunc(s.options.Only, func(pattern string) bool {
		return match(pattern, p.Test) || match(pattern, p.Shape)
	})
}

// match compares without regard to what a slash is; a pattern without an asterisk may stand anywhere in the name.
func match(pattern, name string) bool {
	if !strings.ContainsAny(pattern, "*?[") {
		return strings.Contains(name, pattern)
	}
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x01") }
	matched, err := path.Match(flat(pattern), flat(name))
	return matched && err == nil
}

// points runs every job, as far as the budget goes.
func (s *session) points(ctx context.Context, r *Result, started time.Time) error {
	kept, err := s.load(r)
	if err != nil {
		return err
	}
	jobs := s.jobs(r)
	if len(jobs) == 0 && len(s.options.Only) > 0 {
		r.Problems = append(r.Problems, fmt.Sprintf("no point matches --only %s", strings.Join(s.options.Only, ", ")))
	}
	var spent time.Duration
	for i, j := range jobs {
		if known := kept.find(j.point.Point, j.kind); known != nil {
			r.Judgements, r.Known = append(r.Judgements, known), r.Known+1
			continue
		}
		if s.shown(r, j) {
			r.Shown++
			continue
		}
		if ctx.Err() != nil || s.options.Budget > 0 && time.Since(started) > s.options.Budget {
			r.Left++
			continue
		}
		p := Progress{Stage: fmt.Sprintf("%s at %s", j.kind, j.point.Point), Done: i, Total: len(jobs)}
		if r.Runs > 0 {
			p.Left = spent / time.Duration(r.Runs) * time.Duration(len(jobs)-i)
		}
		s.tell(p)
		begun := time.Now()
		judged, err := s.try(ctx, r, j)
		if errors.Is(err, context.Canceled) {
			r.Left++
			continue
		}
		if err != nil {
			return err
		}
		spent += time.Since(begun)
		r.Runs++
		r.Judgements = append(r.Judgements, judged)
		if err := kept.add(judged); err != nil {
			return err
		}
	}
	r.Interrupted = ctx.Err() != nil
	return nil
}

// shown says whether a lost answer has shown a duplicate at a point already, or an endless wait for one, which faults that
// look the same to the program would only show again.
func (s *session) shown(r *Result, j job) bool {
	if s.options.AllPoints {
		return false
	}
	return slices.ContainsFunc(r.Judgements, func(done *verdict.Judgement) bool {
		if done.Point != j.point.Point {
			return false
		}
		switch j.kind {
		case fault.ResetAfter, fault.SlowClose, fault.Truncate, fault.ErrorStatus:
			return done.Kind == fault.ResponseLost && len(done.Duplicates) > 0
		case fault.HalfOpen:
			return done.Kind == fault.Hang && done.Endless
		}
		return false
	})
}

// try runs a job, and once more where its point was not reached.
func (s *session) try(ctx context.Context, r *Result, j job) (*verdict.Judgement, error) {
	plan := fault.Plan{Point: j.point.Point, Kind: j.kind, Patience: s.options.Patience, Delay: s.options.Delay}
	limit := min(s.options.RunLimit, 3*r.Baseline+2*s.options.Patience+s.options.Delay+30*time.Second)
	var judged *verdict.Judgement
	for range 2 {
		run, end, err := s.run(ctx, plan, &j.point.Point.Test, limit)
		if err != nil {
			return nil, err
		}
		judged = j.basis.Judge(run, plan)
		if end.timedOut {
			judged.Withheld = append(judged.Withheld, fmt.Sprintf("the run did not end within %s and was ended", limit.Round(time.Second)))
		}
		if judged.Reached {
			break
		}
	}
	if !judged.Reached {
		judged.Withheld = append(judged.Withheld, "point not reached: the test did not come to this operation again")
	}
	if !judged.Found() {
		judged.Timeline = nil
	}
	return judged, nil
}
