package main

import "testing"

// TestDraw checks that each rule has its least, as far as there are so many, and that the seed alone decides.
func TestDraw(t *testing.T) {
	all := func() (list []finding) {
		for i := range 50 {
			list = append(list, finding{Rule: "often", Line: i})
		}
		return append(list, finding{Rule: "rare", Line: 1}, finding{Rule: "rare", Line: 2}, finding{Rule: "once", Line: 1})
	}
	for _, tt := range []struct {
		n, least  int
		want      map[string]int
		wantTotal int
	}{
		{n: 10, least: 2, want: map[string]int{"rare": 2, "once": 1, "often": 7}, wantTotal: 10},
		{n: 3, least: 10, want: map[string]int{"rare": 2, "once": 1, "often": 10}, wantTotal: 13},
		{n: 100, least: 1, want: map[string]int{"rare": 2, "once": 1, "often": 50}, wantTotal: 53},
	} {
		got := map[string]int{}
		drawn := draw(all(), tt.n, tt.least, 7)
		for _, f := range drawn {
			got[f.Rule]++
		}
		if len(drawn) != tt.wantTotal {
			t.Errorf("n=%d least=%d drew %d, want %d", tt.n, tt.least, len(drawn), tt.wantTotal)
		}
		for rule, want := range tt.want {
			if got[rule] != want {
				t.Errorf("n=%d least=%d drew %d of %s, want %d", tt.n, tt.least, got[rule], rule, want)
			}
		}
		for i, f := range draw(all(), tt.n, tt.least, 7) {
			if f != drawn[i] {
				t.Fatalf("n=%d least=%d: the same seed drew other findings", tt.n, tt.least)
			}
		}
	}
}
