package main

import (
	"embed"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/simulate"
)

//go:embed topologies/*.toml
var files embed.FS

// How the command ends.
const (
	exitDiffers  = 1
	exitWrong    = 2
	exitUnjudged = 3
)

// seeds is how many runs of the simulation make the envelope.
const seeds = 20

// tries is how often a topology is run for real while the machine is busy with other things.
const tries = 4

func main() { os.Exit(run(os.Args[1:])) }

func run(names []string) int {
	entries, err := files.ReadDir("topologies")
	if err != nil {
		fmt.Fprintln(os.Stderr, "cascade:", err)
		return exitWrong
	}
	status := 0
	fmt.Println("| topology | exhausted: stated | real | fails: simulated | real | recovers: stated | real | agree |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".toml")
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		verdict, err := compare(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "cascade: %s: %v\n", name, err)
			return exitWrong
		}
		switch {
		case verdict == differs:
			status = exitDiffers
		case verdict == unjudged && status == 0:
			status = exitUnjudged
		}
	}
	return status
}

// The verdicts on one topology.
const (
	agrees   = "yes"
	differs  = "NO"
	unjudged = "machine too busy"
)

// compare measures the servers of one topology, states what the simulation expects of them, runs them, and prints a row.
func compare(name string) (verdict string, err error) {
	raw, err := files.ReadFile("topologies/" + name + ".toml")
	if err != nil {
		return "", err
	}
	topology, err := simulate.Read(name, raw, nil)
	if err != nil {
		return "", err
	}
	var stated *statement
	for range tries {
		if stated, err = state(raw, name, topology); err != nil {
			return "", err
		}
		fmt.Fprintf(os.Stderr, "%s: stated before the run: %s; recovers: %s\n", name, stated.text(), stated.recovers())
		observed, seen, err := observe(topology, topology.Duration)
		if err != nil {
			return "", err
		}
		real := simulate.Summarise(topology, []*simulate.Series{observed})
		busy := seen.busy(stated.hold)
		if busy == "" {
			verdict = stated.judge(real)
			stated.row(name, real, verdict)
			return verdict, nil
		}
		fmt.Fprintf(os.Stderr, "%s: no verdict, %s: once more\n", name, busy)
	}
	fmt.Printf("| %s | %s | | | | %s | | %s |\n", name, stated.text(), stated.recovers(), unjudged)
	return unjudged, nil
}

// statement is what the simulation says before the servers run.
type statement struct {
	topology *simulate.Topology
	played   *simulate.Outcome
	hold     []float64 // what the own work of each service takes
}

// calibration is for how long the servers run without anything going wrong, to measure how long they work.
const calibration = 3.0

// state measures the servers and plays the topology with what was measured.
func state(raw []byte, name string, topology *simulate.Topology) (*statement, error) {
	_, seen, err := observe(topology, calibration)
	if err != nil {
		return nil, err
	}
	measured, err := simulate.Read(name, raw, nil)
	if err != nil {
		return nil, err
	}
	for i := range measured.Services {
		if seen.hold[i] > 0 {
			measured.Services[i].Time.Mean = seen.hold[i]
		}
	}
	var runs []*simulate.Series
	for seed := range seeds {
		runs = append(runs, simulate.Run(measured, uint64(seed)))
	}
	return &statement{measured, simulate.Summarise(measured, runs), seen.hold}, nil
}

// envelope is between which moments a service is expected to be exhausted: those of the runs, widened by a quarter.
func (s *statement) envelope(i int) (low, high float64) {
	e := s.played.Services[i].Exhausted
	return 0.75 * e.Low, 1.25 * e.High
}

func (s *statement) text() string {
	var parts []string
	for i := range s.topology.Services {
		low, high := s.envelope(i)
		switch {
		case math.IsInf(low, 1):
		case math.IsInf(high, 1):
			parts = append(parts, fmt.Sprintf("%s from %s on or not", s.topology.Services[i].Name, simulate.Seconds(low)))
		default:
			parts = append(parts, fmt.Sprintf("%s %s … %s", s.topology.Services[i].Name, simulate.Seconds(low), simulate.Seconds(high)))
		}
	}
	return or(parts, "none")
}

func (s *statement) recovers() string { return recovers(s.played) }

func recovers(o *simulate.Outcome) string {
	switch {
	case o.Recovered < 0:
		return "-"
	case 2*o.Recovered >= o.Runs:
		return "yes"
	}
	return "no"
}

func or(parts []string, otherwise string) string {
	if len(parts) == 0 {
		return otherwise
	}
	return strings.Join(parts, ", ")
}

// judge holds a real run against what was stated.
func (s *statement) judge(real *simulate.Outcome) string {
	for i := range s.topology.Services {
		low, high := s.envelope(i)
		if at := real.Services[i].Exhausted.Mid; at < low || at > high {
			return differs
		}
	}
	if recovers(real) != s.recovers() {
		return differs
	}
	return agrees
}

func (s *statement) row(name string, real *simulate.Outcome, verdict string) {
	var exhausted []string
	for i := range s.topology.Services {
		if at := real.Services[i].Exhausted.Mid; !math.IsInf(at, 1) {
			exhausted = append(exhausted, s.topology.Services[i].Name+" "+simulate.Seconds(at))
		}
	}
	fmt.Printf("| %s | %s | %s | %.0f %% | %.0f %% | %s | %s | %s |\n", name, s.text(), or(exhausted, "none"),
		100*s.played.Failed.Mid, 100*real.Failed.Mid, s.recovers(), recovers(real), verdict)
}
