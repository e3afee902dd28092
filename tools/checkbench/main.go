// Command checkbench times `tiebeam check` beside Ruff on the same files: wall time, CPU time and peak memory of each,
// in turns, so that both meet the same machine.
//
//	go run ./tools/checkbench -tiebeam ./tiebeam -ruff ruff -corpus homeassistant/ [-runs 5]
//
// It exits with 1 where tiebeam's best run took longer than Ruff's, or more than a gibibyte of memory.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ruffSelection is what of Ruff comes closest to what tiebeam looks for.
const ruffSelection = "ASYNC,SIM115,S,B,RUF006"

// maxPeakKiB is the memory that the largest corpus may take.
const maxPeakKiB = 1 << 20

// run is what one run of a program took.
type run struct {
	wall, cpu time.Duration
	peakKiB   int64
}

func main() {
	tiebeam := flag.String("tiebeam", "tiebeam", "the program to time")
	ruff := flag.String("ruff", "ruff", "the Ruff to compare with")
	corpus := flag.String("corpus", "", "the folder to check")
	runs := flag.Int("runs", 5, "how often each is run")
	flag.Parse()
	if *corpus == "" || *runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ours := []string{*tiebeam, "check", *corpus, "--format", "json"}
	if help, err := exec.Command(*tiebeam, "check", "--help").Output(); err == nil && strings.Contains(string(help), "--no-cache") {
		ours = append(ours, "--no-cache")
	}
	theirs := []string{*ruff, "check", "--isolated", "--preview", "--no-cache", "--select", ruffSelection, *corpus}
	us, them, err := measure(ours, theirs, *runs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "checkbench:", err)
		os.Exit(2)
	}
	report("tiebeam", us)
	report("ruff", them)
	best, other := fastest(us), fastest(them)
	fmt.Printf("tiebeam takes %.2f of ruff's wall time and %.2f of its CPU time\n",
		best.wall.Seconds()/other.wall.Seconds(), best.cpu.Seconds()/other.cpu.Seconds())
	if best.wall > other.wall || best.cpu > other.cpu || best.peakKiB > maxPeakKiB {
		os.Exit(1)
	}
}

// measure runs both in turns.
func measure(ours, theirs []string, runs int) (us, them []run, err error) {
	for range runs {
		for _, side := range []struct {
			command []string
			to      *[]run
		}{{ours, &us}, {theirs, &them}} {
			r, err := once(side.command)
			if err != nil {
				return nil, nil, err
			}
			*side.to = append(*side.to, r)
		}
	}
	return us, them, nil
}

// once runs a command to its end. An exit code of 1 or 3 is what both give where they have something to say.
func once(command []string) (run, error) {
	cmd := exec.Command(command[0], command[1:]...)
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 && exit.ExitCode() != 3) {
		return run{}, fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return run{}, errors.New("this system does not tell what a process used")
	}
	return run{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), usage.Maxrss}, nil
}

// fastest takes the best of each figure, as everything that disturbs a run makes it slower.
func fastest(runs []run) run {
	best := runs[0]
	for _, r := range runs {
		best.wall, best.cpu, best.peakKiB = min(best.wall, r.wall), min(best.cpu, r.cpu), max(best.peakKiB, r.peakKiB)
	}
	return best
}

func report(name string, runs []run) {
	walls := make([]time.Duration, 0, len(runs))
	for _, r := range runs {
		walls = append(walls, r.wall)
	}
	slices.Sort(walls)
	best := fastest(runs)
	fmt.Printf("%-8s wall %.3f s (median %.3f), CPU %.3f s, peak %d MiB, %d runs\n",
		name, best.wall.Seconds(), walls[len(walls)/2].Seconds(), best.cpu.Seconds(), best.peakKiB>>10, len(runs))
}
