package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/probe"
)

//go:embed loop.py
var loop string

// asks is how many questions the loop answers in one turn, which takes a few seconds.
const asks = 400_000

// ways are those in which the loop runs; the first is what the others are compared with.
var ways = []string{"without", "waiting", "watched"}

// took is what one turn took of the processor, over all threads, and of time, in seconds.
type took struct{ cpu, wall float64 }

// measureAgent runs the loop each way in turns and compares each turn with the one without an agent beside it.
func measureAgent(ctx context.Context, s *settings) error {
	dir, err := os.MkdirTemp("", "tiebeam-watchbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "loop.py")
	if err := os.WriteFile(script, []byte(loop), 0o600); err != nil {
		return err
	}
	listener, err := probe.Listen(time.Now)
	if err != nil {
		return err
	}
	defer listener.Close()
	with := listener.Environment(os.Environ())
	environments := map[string][]string{
		"without": os.Environ(), "watched": with,
		// The agent is there and looks for a watch that there is not.
		"waiting": append(slices.Clone(with), "TIEBEAM_AGENT_SOCKET="+filepath.Join(dir, "none.sock")),
	}
	all := map[string][]took{}
	for round := range s.rounds {
		for i := range ways {
			way := ways[(round+i)%len(ways)] // each comes first, second and last equally often
			one, err := turn(ctx, s.python, script, environments[way])
			if err != nil {
				return fmt.Errorf("%s: %w", way, err)
			}
			all[way] = append(all[way], one)
		}
	}
	if len(listener.PIDs()) != s.rounds {
		return fmt.Errorf("%d agents spoke, expected %d", len(listener.PIDs()), s.rounds)
	}
	return compare(s, all)
}

func turn(ctx context.Context, python, script string, environment []string) (one took, err error) {
	command := exec.CommandContext(ctx, python, script, fmt.Sprint(asks))
	command.Env, command.Stderr = environment, os.Stderr
	out, err := command.Output()
	if err != nil {
		return one, err
	}
	if _, err := fmt.Sscan(string(out), &one.cpu, &one.wall); err != nil {
		return one, fmt.Errorf("%q: %w", out, err)
	}
	return one, nil
}

// compare prints the ratios and fails where the agent costs more than it may. The verdict is of processor time: other
// work on the machine makes time itself too uncertain.
func compare(s *settings, all map[string][]took) error {
	fmt.Printf("a busy event loop, %d turns each way, beside the turn without an agent:\n", s.rounds)
	fmt.Printf("%-10s %12s %30s %12s %30s\n", "agent", "processor", "ratio (quarter, median, three)", "time", "ratio (quarter, median, three)")
	var failed error
	for _, way := range ways {
		var cpu, wall, cpuRatio, wallRatio []float64
		for i, one := range all[way] {
			base := all[ways[0]][i]
			cpu, wall = append(cpu, one.cpu), append(wall, one.wall)
			cpuRatio, wallRatio = append(cpuRatio, one.cpu/base.cpu), append(wallRatio, one.wall/base.wall)
		}
		fmt.Printf("%-10s %10.3f s %30s %10.3f s %30s\n", way, quantile(cpu, 0.5), quarters(cpuRatio), quantile(wall, 0.5), quarters(wallRatio))
		if more := quantile(cpuRatio, 0.5) - 1; more > allowed {
			failed = errors.Join(failed, fmt.Errorf("an agent that is %s costs %.1f %% of the loop, and may cost %.0f %%", way, 100*more, 100*allowed))
		}
	}
	return failed
}

func quarters(values []float64) string {
	return fmt.Sprintf("%.4f %.4f %.4f", quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75))
}

// quantile is the value below which a share of the values lies.
func quantile(values []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := share * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}
