package watch

import (
	"strconv"

	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// maxLeakCurves is how many leaks get a curve of their own.
const maxLeakCurves = 6

// curves copies the series for a picture.
func (w *watcher) curves() map[string][]trend.Point {
	curves := map[string][]trend.Point{}
	for name, what := range map[string]cause.What{
		CurveDescriptors: cause.Descriptors, CurveThreads: cause.Threads, CurveMemory: cause.Memory, CurveTasks: cause.Tasks,
	} {
		if points := w.tracker.Points(cause.Subject{What: what}); len(points) > 0 {
			curves[name] = points
		}
	}
	for i := range w.state.Leaks[:min(len(w.state.Leaks), maxLeakCurves)] {
		curves[CurveLeak+strconv.Itoa(i)] = w.tracker.Points(w.state.Leaks[i].Subject)
	}
	return curves
}
