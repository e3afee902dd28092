package simulate

import (
	"encoding/json"
	"io"
	"math"
)

// jsonTime is a time in seconds, null for never.
type jsonTime float64

// MarshalJSON writes what JSON has no number for as null.
func (t jsonTime) MarshalJSON() ([]byte, error) {
	if v := float64(t); !math.IsInf(v, 0) && !math.IsNaN(v) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

type jsonSpan struct {
	Low  jsonTime `json:"low"`
	Mid  jsonTime `json:"median"`
	High jsonTime `json:"high"`
}

func spanJSON(s Span) jsonSpan { return jsonSpan{jsonTime(s.Low), jsonTime(s.Mid), jsonTime(s.High)} }

type jsonStudy struct {
	Version   int            `json:"version"`
	Tool      jsonTool       `json:"tool"`
	Topology  string         `json:"topology"`
	Seed      uint64         `json:"seed"`
	Runs      int            `json:"runs"`
	Events    int            `json:"events"`
	Verdict   string         `json:"verdict"`
	Recovered *int           `json:"recovered"`
	After     jsonSpan       `json:"recovered_after"`
	Failed    jsonSpan       `json:"failed_share"`
	Services  []jsonService  `json:"services"`
	Guards    []jsonGuard    `json:"guards"`
	Unknown   []jsonUnknown  `json:"unknown"`
	Read      []jsonReading  `json:"read_from_code"`
	Conflicts []jsonConflict `json:"conflicts"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type jsonService struct {
	Name       string   `json:"name"`
	Saturated  jsonSpan `json:"saturated_after"`
	Exhausted  jsonSpan `json:"exhausted_after"`
	ByFormula  jsonTime `json:"exhausted_after_by_formula"`
	Peak       int      `json:"peak_in_flight"`
	Arrival    float64  `json:"arrivals_per_second"`
	Capacity   jsonTime `json:"capacity_per_second"`
	Slowed     jsonTime `json:"capacity_while_slowed"`
	Metastable bool     `json:"metastable"`
}

type jsonGuard struct {
	Path    string   `json:"path"`
	Guard   string   `json:"guard"`
	Change  string   `json:"change"`
	There   bool     `json:"there"`
	Matters bool     `json:"matters"`
	Verdict string   `json:"verdict"`
	First   string   `json:"first_exhausted"`
	After   jsonTime `json:"exhausted_after"`
	Failed  jsonTime `json:"failed_share"`
}

type jsonUnknown struct {
	Path   string   `json:"path"`
	Low    float64  `json:"low"`
	High   float64  `json:"high"`
	AtLow  string   `json:"verdict_at_low"`
	AtHigh string   `json:"verdict_at_high"`
	Flips  jsonTime `json:"flips_at"`
	Why    string   `json:"why"`
}

type jsonReading struct {
	Path  string `json:"path"`
	Key   string `json:"key"`
	What  string `json:"what"`
	Where string `json:"where"`
}

type jsonConflict struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// JSON writes a study for programs, as one object. Times are in seconds from the begin of the trigger, null for never.
func (s *Study) JSON(w io.Writer, name, version string) error {
	out := jsonStudy{
		Version: 1, Tool: jsonTool{"tiebeam", version}, Topology: name, Seed: s.Topology.Seed, Runs: s.Outcome.Runs, Events: s.Events,
		Verdict: s.Outcome.Verdict(), After: spanJSON(s.Outcome.RecoveredAfter), Failed: spanJSON(s.Outcome.Failed),
		Services: []jsonService{}, Guards: []jsonGuard{}, Unknown: []jsonUnknown{}, Read: []jsonReading{}, Conflicts: []jsonConflict{},
	}
	if s.Outcome.Recovered >= 0 {
		out.Recovered = &s.Outcome.Recovered
	}
	for i := range s.Outcome.Services {
		o, c := &s.Outcome.Services[i], &s.Closed[i]
		out.Services = append(out.Services, jsonService{
			Name: s.Topology.Services[i].Name, Saturated: spanJSON(o.Saturated), Exhausted: spanJSON(o.Exhausted), ByFormula: jsonTime(c.Exhausted),
			Peak: o.Peak, Arrival: c.Arrival, Capacity: jsonTime(c.Capacity), Slowed: jsonTime(c.Slowed), Metastable: c.Metastable,
		})
	}
	for i := range s.Guards {
		g := &s.Guards[i]
		one := jsonGuard{
			Path: g.Path, Guard: g.Guard, Change: g.Change, There: g.There, Matters: g.Matters, Verdict: g.Outcome.Verdict(),
			After: jsonTime(g.Outcome.earliest()), Failed: jsonTime(g.Outcome.Failed.Mid),
		}
		if g.Outcome.First != none {
			one.First = s.Topology.Services[g.Outcome.First].Name
		}
		out.Guards = append(out.Guards, one)
	}
	for i := range s.Flips {
		f := &s.Flips[i]
		out.Unknown = append(out.Unknown, jsonUnknown{f.Path, f.Low, f.High, f.AtLow, f.AtHigh, jsonTime(f.At), f.Why})
	}
	for _, one := range s.Topology.Read {
		out.Read = append(out.Read, jsonReading{one.Path, one.Key, one.What, one.Where})
	}
	for _, c := range s.Conflicts {
		out.Conflicts = append(out.Conflicts, jsonConflict(c))
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}
