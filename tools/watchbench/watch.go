package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// allowed is the share of one core that watching may cost.
const allowed = 0.01

// measureWatch watches each kind of process in turn and fails where that costs more than it may.
func measureWatch(ctx context.Context, s *settings) error {
	fmt.Printf("tiebeam watch, one look a second for %d s, %d descriptors:\n", s.seconds, s.descriptors)
	fmt.Printf("%-10s %8s %8s %10s  %s\n", "process", "user", "system", "of a core", "what it holds")
	var failed error
	for _, kind := range kinds {
		used, err := watchOne(ctx, s, kind.name)
		if err != nil {
			return fmt.Errorf("%s: %w", kind.name, err)
		}
		share := (used.UserTime() + used.SystemTime()).Seconds() / float64(s.seconds)
		fmt.Printf("%-10s %8s %8s %9.2f%%  %s\n", kind.name, used.UserTime().Round(time.Millisecond), used.SystemTime().Round(time.Millisecond), 100*share, kind.about)
		if share > allowed {
			failed = errors.Join(failed, fmt.Errorf("%s: watching costs %.2f %% of a core, and may cost %.0f %%", kind.name, 100*share, 100*allowed))
		}
	}
	return failed
}

// watchOne gives what a watch of one process has used.
func watchOne(ctx context.Context, s *settings, kind string) (*os.ProcessState, error) {
	folder, err := os.MkdirTemp("", "tiebeam-watchbench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	pid, end, err := startHolder(ctx, kind, s.descriptors, folder)
	if err != nil {
		return nil, err
	}
	defer end()
	watch := exec.CommandContext(ctx, s.tiebeam, "watch", strconv.Itoa(pid), "--for", fmt.Sprintf("%ds", s.seconds), "--listen", "127.0.0.1:0",
		"--fail-on", "never", "--source", folder, "--format", "json", "--output", os.DevNull, "--quiet")
	watch.Stderr = os.Stderr
	if err := watch.Run(); err != nil {
		return nil, fmt.Errorf("%s watch: %w", s.tiebeam, err)
	}
	return watch.ProcessState, nil
}

// startHolder starts this program as one that holds descriptors, and waits until it has them.
func startHolder(ctx context.Context, kind string, descriptors int, folder string) (pid int, end func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, nil, err
	}
	holder := exec.CommandContext(ctx, self)
	holder.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", holdVariable, kind, descriptors, folder))
	holder.Stderr = os.Stderr
	in, err := holder.StdinPipe()
	if err != nil {
		return 0, nil, err
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		return 0, nil, err
	}
	if err := holder.Start(); err != nil {
		return 0, nil, err
	}
	end = func() {
		in.Close()
		holder.Wait()
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		end()
		return 0, nil, fmt.Errorf("the process that holds descriptors said %q: %w", line, err)
	}
	return holder.Process.Pid, end, nil
}
