package trend

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// series makes points a second apart.
func series(n int, value func(i int) float64) []Point {
	points := make([]Point, n)
	for i := range points {
		points[i] = Point{float64(i), value(i)}
	}
	return points
}

func TestRising(t *testing.T) {
	for _, test := range []struct {
		name   string
		points []Point
		slope  float64
	}{
		{"one a second", series(40, func(i int) float64 { return 10 + float64(i) }), 1},
		{"one in five seconds", series(60, func(i int) float64 { return 10 + float64(i/5) }), 0.2},
		{"with a sawtooth on top", series(60, func(i int) float64 { return float64(2*i + i%4) }), 2},
		{"ten points", series(MinPoints, func(i int) float64 { return float64(3 * i) }), 3},
		{"with a spike", series(50, func(i int) float64 {
			if i == 20 {
				return 900
			}
			return float64(i)
		}), 1},
		{"in bursts", series(60, func(i int) float64 { return float64(i / 10 * 10) }), 1},
		{"faster and faster", series(60, func(i int) float64 { return float64(i*i) / 10 }), 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := Judge(test.points, Options{MinRise: 5})
			if !j.Rising || math.Abs(j.Slope-test.slope) > 0.15*test.slope {
				t.Errorf("judged %+v, want a rise of %v a second", j, test.slope)
			}
		})
	}
}

func TestSilent(t *testing.T) {
	step := func(at int) []Point {
		return series(60, func(i int) float64 {
			if i >= at {
				return 50
			}
			return 10
		})
	}
	for _, test := range []struct {
		name   string
		points []Point
	}{
		{"nothing", nil},
		{"nine points", series(9, func(i int) float64 { return float64(10 * i) })},
		{"constant", series(60, func(int) float64 { return 7 })},
		{"falls", series(60, func(i int) float64 { return 100 - float64(i) })},
		{"sawtooth", series(60, func(i int) float64 { return 10 + float64(i%12)*4 })},
		{"sawtooth that ends high", series(59, func(i int) float64 { return 10 + float64(i%20)*4 })},
		{"step early", step(5)},
		{"step in the middle", step(30)},
		{"step at the end", step(55)},
		{"two steps", series(60, func(i int) float64 { return float64(i / 25 * 40) })},
		{"spike", series(60, func(i int) float64 {
			if i == 58 {
				return 500
			}
			return 10
		})},
		{"warm-up to a plateau", series(60, func(i int) float64 { return 10 + min(float64(i), 20) })},
		{"warm-up that slackens", series(60, func(i int) float64 { return 100 * (1 - math.Exp(-float64(i)/12)) })},
		{"counter reset", series(60, func(i int) float64 { return float64(i % 45) })},
		{"grows by less than asked", series(60, func(i int) float64 { return float64(i / 15) })},
		{"no time passes", func() []Point {
			p := series(60, func(i int) float64 { return float64(i) })
			for i := range p {
				p[i].Seconds = 5
			}
			return p
		}()},
	} {
		t.Run(test.name, func(t *testing.T) {
			if j := Judge(test.points, Options{MinRise: 5}); j.Rising {
				t.Errorf("judged rising: %+v", j)
			}
		})
	}
}

func TestMinSeconds(t *testing.T) {
	points := series(30, func(i int) float64 { return float64(i) })
	if Judge(points, Options{MinSeconds: 30}).Rising || !Judge(points, Options{MinSeconds: 29}).Rising {
		t.Error("the span that is asked for is not the one that counts")
	}
}

// TestSlopeIsRobust: Sen's slope of a line with outliers is that of the line (Sen 1968, breakdown at 29 %).
func TestSlopeIsRobust(t *testing.T) {
	points := series(40, func(i int) float64 {
		if i%5 == 0 {
			return 1e6
		}
		return 3 * float64(i)
	})
	if got := Slope(points); math.Abs(got-3) > 0.2 {
		t.Errorf("slope %v, want 3", got)
	}
	if Slope(nil) != 0 || Slope(points[:1]) != 0 {
		t.Error("fewer than two points have a slope")
	}
}

// TestMannKendall compares with a sample computed by hand: 1 2 3 4 5 has S = 10, variance 50/3.
func TestMannKendall(t *testing.T) {
	points := series(5, func(i int) float64 { return float64(i + 1) })
	if got, want := mannKendall(points), 9/math.Sqrt(50.0/3); math.Abs(got-want) > 1e-12 {
		t.Errorf("z = %v, want %v", got, want)
	}
	// 1 1 2 2 has S = 4 and, with two ties of two, a variance of (4·3·13 − 2·2·1·9)/18 = 120/18.
	tied := series(4, func(i int) float64 { return float64(1 + i/2) })
	if got, want := mannKendall(tied), 3/math.Sqrt(120.0/18); math.Abs(got-want) > 1e-12 {
		t.Errorf("z with ties = %v, want %v", got, want)
	}
}

// rising makes a thousand series of thirty points, each by its own numbers, and counts those that are judged to rise.
func rising(next func(chance *rand.Rand, value float64) float64) (found int) {
	for seed := range uint64(1000) {
		chance, value := rand.New(rand.NewPCG(seed, 1)), 0.0
		if Judge(series(30, func(int) float64 { value = next(chance, value); return value }), Options{MinRise: 5}).Rising {
			found++
		}
	}
	return found
}

// TestWanderingIsNoTrend: a count that wanders is taken for a leak in one case of twenty at most, however far it comes,
// and one that climbs unevenly is found as soon as thirty points are there.
func TestWanderingIsNoTrend(t *testing.T) {
	if n := rising(func(chance *rand.Rand, value float64) float64 { return value + math.Round(20*chance.NormFloat64()) }); n > 50 {
		t.Errorf("of 1,000 counts that wander %d rise", n)
	}
	if n := rising(func(chance *rand.Rand, value float64) float64 { return value + float64(chance.IntN(4)) }); n < 950 {
		t.Errorf("of 1,000 uneven leaks %d rise", n)
	}
}

func TestPart(t *testing.T) {
	whole := series(40, func(i int) float64 { return 10 + 3*float64(i) })
	every := func(step int, points []Point) (some []Point) {
		for i := 0; i < len(points); i += step {
			some = append(some, points[i])
		}
		return some
	}
	paused := func(pace float64) []Point {
		return series(40, func(i int) float64 { return pace * float64(i-min(max(i-10, 0), 20)) })
	}
	for _, test := range []struct {
		name        string
		part, whole []Point
		rising      bool
		share       float64
	}{
		{"a third of it", series(40, func(i int) float64 { return float64(i) }), whole, true, 1.0 / 3},
		{"seen at each ninth look", every(9, series(40, func(i int) float64 { return float64(i) })), whole, true, 1.0 / 3},
		{"that paused with it", paused(1), paused(4), true, 0.25},
		{"that came late", series(40, func(i int) float64 { return float64(2 * max(0, i-10)) }), whole, false, 0.46},
		{"that has filled", series(40, func(i int) float64 { return float64(min(i, 20)) }), whole, false, 0.25},
		{"a twentieth", series(40, func(i int) float64 { return 0.15 * float64(i) }), whole, false, 0.05},
		{"sawtooth", series(40, func(i int) float64 { return float64(i % 5 * 9) }), whole, false, 0},
		{"that falls", series(40, func(i int) float64 { return float64(-i) }), whole, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if j := Part(test.part, test.whole, 0.1); j.Rising != test.rising {
				t.Errorf("judged %+v", j)
			}
			if got, ok := Share(test.part, test.whole); !ok || math.Abs(got-test.share) > 0.1 {
				t.Errorf("share %v, want %v", got, test.share)
			}
		})
	}
	for name, pair := range map[string][2][]Point{"three looks": {whole[:3], whole}, "none at the same time": {every(2, whole), every(2, whole[1:])}} {
		if _, ok := Share(pair[0], pair[1]); ok || Part(pair[0], pair[1], 0.1).Rising {
			t.Errorf("%s: something is said", name)
		}
	}
}

func TestExhaustion(t *testing.T) {
	for _, test := range []struct{ count, limit, slope, want float64 }{
		{100, 1024, 12, 77},
		{1024, 1024, 12, 0},
		{2000, 1024, -1, 0},
		{100, 1024, 0, math.Inf(1)},
		{100, 1024, -3, math.Inf(1)},
		{100, math.Inf(1), 12, math.Inf(1)},
		{0, 0, 0, 0},
		{1, 10, math.NaN(), math.Inf(1)},
	} {
		if got := Exhaustion(test.count, test.limit, test.slope); got != test.want {
			t.Errorf("Exhaustion(%v, %v, %v) = %v, want %v", test.count, test.limit, test.slope, got, test.want)
		}
	}
}

// TestLinesRise: any line with noise smaller than what it climbs between two parts is found.
func TestLinesRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(20, 120).Draw(t, "points")
		slope := rapid.Float64Range(0.2, 50).Draw(t, "slope")
		start := rapid.Float64Range(0, 5000).Draw(t, "start")
		amplitude := 0.3 * slope * float64(n) / parts
		points := series(n, func(i int) float64 {
			return start + slope*float64(i) + rapid.Float64Range(0, amplitude).Draw(t, "noise")
		})
		j := Judge(points, Options{MinRise: 1})
		if !j.Rising {
			t.Fatalf("not found: %+v", j)
		}
		if math.Abs(j.Slope-slope) > 0.3*slope {
			t.Fatalf("slope %v, want about %v", j.Slope, slope)
		}
	})
}

// TestSawteethAreSilent: whatever falls back to the same floor within each part is not called a leak.
func TestSawteethAreSilent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10, 120).Draw(t, "points")
		period := rapid.IntRange(2, max(2, n/parts)).Draw(t, "period")
		height := rapid.Float64Range(0.1, 500).Draw(t, "height")
		phase := rapid.IntRange(0, period-1).Draw(t, "phase")
		points := series(n, func(i int) float64 { return 10 + height*float64((i+phase)%period) })
		if j := Judge(points, Options{}); j.Rising {
			t.Fatalf("judged rising: %+v", j)
		}
	})
}

// TestLevelsAreSilent: one level and then another, with noise around both, is a step and no leak.
func TestLevelsAreSilent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(20, 120).Draw(t, "points")
		at := rapid.IntRange(0, n).Draw(t, "at")
		levels := [2]float64{rapid.Float64Range(0, 500).Draw(t, "before"), rapid.Float64Range(0, 500).Draw(t, "after")}
		points := series(n, func(i int) float64 {
			if i < at {
				return levels[0]
			}
			return levels[1]
		})
		if j := Judge(points, Options{}); j.Rising {
			t.Fatalf("judged rising: %+v", j)
		}
	})
}

// TestShiftAndScale: the verdict does not depend on where counting began, and the slope scales with the values.
func TestShiftAndScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 1000), 0, 60).Draw(t, "values")
		shift := float64(rapid.IntRange(-1000, 1000).Draw(t, "shift"))
		points := series(len(values), func(i int) float64 { return float64(values[i]) })
		moved := series(len(values), func(i int) float64 { return float64(values[i]) + shift })
		a, b := Judge(points, Options{}), Judge(moved, Options{})
		if a.Rising != b.Rising || math.Abs(a.Slope-b.Slope) > 1e-6 {
			t.Fatalf("%+v became %+v by adding %v", a, b, shift)
		}
		if math.IsNaN(a.Z) || math.IsNaN(a.Slope) {
			t.Fatalf("no number: %+v", a)
		}
	})
}

func TestSeries(t *testing.T) {
	var s Series
	for i := range 10_000 {
		s.Add(Point{float64(i), float64(i % 100)})
	}
	if got := s.Recent(); len(got) != recentPoints || got[len(got)-1].Seconds != 9999 || got[0].Seconds != 9999-recentPoints+1 {
		t.Errorf("recent: %d points up to %v", len(got), got[len(got)-1])
	}
	long := s.Long()
	if len(long) < longPoints/2-1 || len(long) > longPoints {
		t.Errorf("%d buckets", len(long))
	}
	for i, p := range long {
		// A bucket of 128 points holds a whole tooth of 100, whose lowest point is 0.
		if p.Value != 0 || i > 0 && p.Seconds <= long[i-1].Seconds {
			t.Errorf("bucket %d is %v", i, p)
		}
	}
	before := len(s.Recent())
	s.Add(Point{5, 1})
	if last, _ := s.Last(); last.Seconds != 9999 || len(s.Recent()) != before {
		t.Error("a clock that went backwards was believed")
	}
	points := s.Points()
	for i := 1; i < len(points); i++ {
		if points[i].Seconds <= points[i-1].Seconds {
			t.Fatalf("point %d at %v follows one at %v", i, points[i].Seconds, points[i-1].Seconds)
		}
	}
}

// TestSlowLeakOverHours: one descriptor in two minutes is nothing among the last points and plain in the long past.
func TestSlowLeakOverHours(t *testing.T) {
	var s Series
	for i := range 4 * 3600 {
		s.Add(Point{float64(i), 20 + float64(i/120) + float64(i%7)})
	}
	if j := Judge(s.Recent(), Options{MinRise: 5}); j.Rising {
		t.Errorf("found in two minutes: %+v", j)
	}
	if j := Judge(s.Long(), Options{MinRise: 5}); !j.Rising || math.Abs(j.Slope-1.0/120) > 0.001 {
		t.Errorf("not found in four hours: %+v", j)
	}
}
