package sweep

import (
	"context"

	"github.com/tiebeam/tiebeam/internal/chaos/agent"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/state"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

var _ agent.Listener = (*session)(nil)

// Worker gives a worker process of a test run proxies of its own.
func (s *session) Worker(worker string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.workers[worker]
	if !ok {
		opened, err := s.redirected(worker)
		if err != nil {
			return nil
		}
		known = opened
		s.workers[worker] = known
	}
	return known
}

func (s *session) current() *ledger.Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger
}

// Begin notes that a test starts.
func (s *session) Begin(worker, test, file string, line int) {
	s.mu.Lock()
	s.tests[worker] = test
	l := s.ledger
	s.mu.Unlock()
	l.Begin(worker, test, file, line)
}

// Enter notes a phase of a test.
func (s *session) Enter(worker string, phase ledger.Phase) { s.current().Enter(worker, phase) }

// Called looks at what is stored when a test has ended and its fixtures have not cleaned up yet.
func (s *session) Called(worker string, pools []ledger.Pool) {
	s.mu.Lock()
	s.pools[worker] = pools
	test := s.tests[worker]
	s.mu.Unlock()
	s.snapshot(test)
}

// Finish notes how a test ended.
func (s *session) Finish(worker, outcome string) {
	s.mu.Lock()
	pools := s.pools[worker]
	delete(s.pools, worker)
	delete(s.tests, worker)
	l := s.ledger
	s.mu.Unlock()
	l.Finish(worker, outcome, pools)
}

// snapshot looks at the databases that a test has written to.
func (s *session) snapshot(test string) {
	l := s.current()
	if !l.Wrote(test, wire.Postgres) {
		return
	}
	for _, route := range s.routes.All {
		if route.Protocol != wire.Postgres || route.URL == "" {
			continue
		}
		taken, err := state.Take(context.Background(), route.URL)
		s.mu.Lock()
		if err != nil {
			s.unknown = err.Error()
		} else {
			if s.states[test] == nil {
				s.states[test] = map[string]state.Snapshot{}
			}
			s.states[test][route.Address] = taken
		}
		s.mu.Unlock()
	}
}
