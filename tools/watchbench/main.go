// Command watchbench measures what watching costs: the processor time of `tiebeam watch` beside processes with many
// descriptors, and what the agent adds to a busy event loop.
//
//	go build -o bin/tiebeam ./cmd/tiebeam && go run ./tools/watchbench
//	go run ./tools/watchbench -only agent -python .venv/bin/python
//
// Processor time is what the kernel has counted for the whole program, its start and its end included. The loop runs with
// the agent, with an agent that is installed while nobody watches, and without one, in turns; each turn does the same work.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// settings are what the command line says.
type settings struct {
	tiebeam, python string
	descriptors     int
	seconds, rounds int
	only            string
}

func main() {
	if what := os.Getenv(holdVariable); what != "" {
		if err := hold(what); err != nil {
			fmt.Fprintln(os.Stderr, "watchbench:", err)
			os.Exit(1)
		}
		return
	}
	var s settings
	flag.StringVar(&s.tiebeam, "tiebeam", "bin/tiebeam", "the program that is measured")
	flag.StringVar(&s.python, "python", "python3", "the interpreter that runs the loop")
	flag.IntVar(&s.descriptors, "descriptors", 10000, "how many the watched process has")
	flag.IntVar(&s.seconds, "seconds", 60, "how long each process is watched, once a second")
	flag.IntVar(&s.rounds, "rounds", 9, "how often the loop runs each way")
	flag.StringVar(&s.only, "only", "", "watch or agent")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, &s); err != nil {
		fmt.Fprintln(os.Stderr, "watchbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s *settings) error {
	var watched, agent error
	if s.only != "agent" {
		watched = measureWatch(ctx, s)
	}
	if s.only != "watch" {
		agent = measureAgent(ctx, s)
	}
	return cmp.Or(watched, agent)
}
