package trend

import "slices"

// Point is a value at a time.
type Point struct {
	// Seconds is the time since any fixed moment.
	Seconds float64
	// Value is what was counted.
	Value float64
}

// Sizes of a series.
const (
	// recentPoints is how many of the last points are kept one by one.
	recentPoints = 120
	// longPoints is how many buckets cover everything since the start; when they are full, each two become one.
	longPoints = 128
)

// Series keeps the last points as they are and the whole past in buckets that hold the lowest point each, in bounded
// memory however long it runs. The zero value is empty and ready.
type Series struct {
	recent []Point
	long   []Point
	width  int // how many points make a bucket
	filled int // how many points the last bucket has
}

// Add appends a point. One that is not later than the one before is dropped: a clock that went backwards tells nothing
// about a slope.
func (s *Series) Add(p Point) {
	if n := len(s.recent); n > 0 && p.Seconds <= s.recent[n-1].Seconds {
		return
	}
	if len(s.recent) == 2*recentPoints {
		s.recent = append(s.recent[:0], s.recent[recentPoints:]...)
	}
	s.recent = append(s.recent, p)
	s.bucket(p)
}

func (s *Series) bucket(p Point) {
	if s.width == 0 {
		s.width = 1
	}
	if n := len(s.long); n > 0 && s.filled < s.width {
		s.filled++
		if p.Value <= s.long[n-1].Value {
			s.long[n-1] = p
		}
		return
	}
	if len(s.long) == longPoints {
		for i := range longPoints / 2 {
			s.long[i] = lower(s.long[2*i], s.long[2*i+1])
		}
		s.long = s.long[:longPoints/2]
		s.width *= 2
	}
	s.long = append(s.long, p)
	s.filled = 1
}

func lower(a, b Point) Point {
	if b.Value <= a.Value {
		return b
	}
	return a
}

// Recent are the last points, at most recentPoints, in order. The slice is valid until the next Add.
func (s *Series) Recent() []Point { return s.recent[max(0, len(s.recent)-recentPoints):] }

// Long are the lowest points of equal parts of the whole past, the last and unfinished part left out unless it is all
// there is. The slice is valid until the next Add.
func (s *Series) Long() []Point {
	if s.filled < s.width && len(s.long) > 1 {
		return s.long[:len(s.long)-1]
	}
	return s.long
}

// Last is the newest point; ok is false where there is none.
func (s *Series) Last() (p Point, ok bool) {
	if len(s.recent) == 0 {
		return Point{}, false
	}
	return s.recent[len(s.recent)-1], true
}

// Points copies what a picture of the series needs: all buckets but those that the recent points cover, then these.
func (s *Series) Points() []Point {
	recent := s.Recent()
	if len(recent) == 0 {
		return nil
	}
	early := slices.Clone(s.long)
	for i, p := range early {
		if p.Seconds >= recent[0].Seconds {
			early = early[:i]
			break
		}
	}
	return append(early, recent...)
}
