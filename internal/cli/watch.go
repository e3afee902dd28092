package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/report"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/metrics"
	"github.com/tiebeam/tiebeam/internal/watch/otlp"
	"github.com/tiebeam/tiebeam/internal/watch/page"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// watching is what the command line says of a watch.
type watching struct {
	name               string
	duration, interval time.Duration
	failOn             []string
	format, output     string
	color              string
	quiet, explain     bool
	listen             string
	noPage, remote     bool
	otlp               string
	noAgent, attach    bool
	source, config     string
}

// defaultListen is where the page and the metrics are, so that a scraper can be told once.
const defaultListen = "127.0.0.1:7349"

// failClasses are what --fail-on takes.
var failClasses = []string{watch.ClassLeak, watch.ClassPool, watch.ClassBlock, watch.ClassUnclosed, "any", "never"}

func (p *program) watchCommand() *cobra.Command {
	var flags watching
	c := &cobra.Command{
		Use:   "watch PID | --name PATTERN | -- COMMAND",
		Short: "Watch a process for leaks, used-up pools and blocked event loops while they are small",
		Long: `Watch looks at a process once a second: descriptors by kind, sockets by state and peer, threads, children, memory and limits.
What only ever grows is a leak; it is named with its cause, its pace and the time until the process fails. A sawtooth, a
step, a warm-up and fewer than ten looks say nothing. It works for any process on Linux.

For a Python service that is started by watch, an agent comes with it that tells pools, event loops, the line that blocks
one, tasks, and which line opened what; nothing of the service changes. Findings name the site of the analysis in the
source (--source) with its guard.

The live page and the metrics are at http://` + defaultListen + ` while it runs, for this machine only.

Exit codes:
  0  nothing that --fail-on names was found
  1  something was
  2  wrong use, no such process
  3  nothing was found, but something could not be seen; the report lists it
`,
		Example: `  tiebeam watch 1234
  tiebeam watch --name 'gunicorn: worker'
  tiebeam watch -- python -m shop
  tiebeam watch --for 10m --fail-on leak,pool --format junit --output watch.xml -- uvicorn shop:app
  tiebeam watch 1234 --otlp http://127.0.0.1:4318 --no-page`,
		RunE: func(c *cobra.Command, args []string) error { return p.watch(c, &flags, args) },
	}
	f := c.Flags()
	f.StringVar(&flags.name, "name", "", "watch the process whose command line matches this regular `expression`")
	f.DurationVar(&flags.duration, "for", 0, "how long to watch, such as 90s, 10m or 48h (default: until it ends)")
	f.DurationVar(&flags.interval, "interval", watch.DefaultInterval, "time between two looks")
	f.StringSliceVar(&flags.failOn, "fail-on", []string{watch.ClassLeak}, "exit with 1 for these: "+text.List(failClasses))
	f.StringVarP(&flags.format, "format", "f", "text", "how to report: "+text.List(report.Names()))
	f.StringVarP(&flags.output, "output", "o", "", "write the report to this `file`")
	f.StringVar(&flags.color, "color", "auto", "colour the text: auto, always or never")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "print findings and what could not be seen only")
	f.BoolVar(&flags.explain, "explain", false, "say with every finding why it matters and what to do")
	f.StringVar(&flags.listen, "listen", defaultListen, "`address` of the live page and the metrics")
	f.BoolVar(&flags.noPage, "no-page", false, "serve no page and no metrics")
	f.BoolVar(&flags.remote, "allow-remote", false, "let --listen be an address that others reach")
	f.StringVar(&flags.otlp, "otlp", "", "push the metrics to this OpenTelemetry `address` (JSON over HTTP)")
	f.BoolVar(&flags.noAgent, "no-agent", false, "put no agent into the service")
	f.BoolVar(&flags.attach, "attach", false, "ask a running Python 3.14 to load the agent")
	f.StringVar(&flags.source, "source", "", "`folder` of the service's source (default: its working directory)")
	f.StringVar(&flags.config, "config", "", "read options from this `file` only")
	return c
}

// check refuses what means nothing.
func (w *watching) check() error {
	if err := oneOf("format", w.format, report.Names()); err != nil {
		return err
	}
	if err := oneOf("color", w.color, colors); err != nil {
		return err
	}
	for _, class := range w.failOn {
		if err := oneOf("fail-on", class, failClasses); err != nil {
			return err
		}
	}
	switch {
	case w.interval < minInterval:
		return usage("--interval %s: expected at least %s", w.interval, minInterval)
	case w.duration < 0:
		return usage("--for %s: expected a time that has still to pass", w.duration)
	case !w.remote && !w.noPage && !page.Loopback(w.listen):
		return usage("--listen %s: others could see it there: use an address such as %s, or add --allow-remote", w.listen, defaultListen)
	}
	return nil
}

// minInterval keeps watching cheap.
const minInterval = 100 * time.Millisecond

// session is one watch while it runs.
type session struct {
	*program
	*watching
	options  watch.Options
	command  *watch.Command
	hub      *watch.Hub
	joiner   *joiner
	registry *prometheus.Registry
	notes    []string
	// missing lists what was asked for and could not be had.
	missing []string
	closers []func()
}

func (p *program) watch(c *cobra.Command, flags *watching, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	s := &session{program: p, watching: flags, hub: &watch.Hub{}}
	defer s.close()
	if err := s.target(c.Context(), args, c.ArgsLenAtDash()); err != nil {
		return err
	}
	if err := s.openSource(); err != nil {
		return err
	}
	s.registry = metrics.Registry(s.hub)
	if err := s.serve(); err != nil {
		return err
	}
	if err := s.push(c.Context()); err != nil {
		return err
	}
	s.options.Interval, s.options.For = flags.interval, flags.duration
	live := s.live()
	s.options.Publish = func(state *watch.State) {
		s.hub.Publish(state)
		live(state)
	}
	last, err := watch.Run(c.Context(), s.options)
	if err != nil {
		return usage("%s", err)
	}
	if s.command != nil {
		if last.Samples == 0 {
			last.Process.Args = args
		}
		if last.Ended != "" && !errors.Is(c.Context().Err(), context.Canceled) {
			if how := s.command.How(); how != "" {
				s.notes = append(s.notes, "the command ended with "+how)
			}
		}
		s.command.Stop(stopPatience)
	}
	return s.report(last)
}

// stopPatience is how long a command may take to end.
const stopPatience = 10 * time.Second

// close undoes what was set up, the last first.
func (s *session) close() {
	for _, undo := range slices.Backward(s.closers) {
		undo()
	}
}

// target finds or starts what is watched.
func (s *session) target(ctx context.Context, args []string, dash int) error {
	switch {
	case dash == 0 && len(args) > 0 && s.name == "":
		return s.launch(args)
	case dash < 0 && len(args) == 0 && s.name != "":
		pid, err := find(s.name)
		if err != nil {
			return err
		}
		return s.running(ctx, pid)
	case dash < 0 && len(args) == 1 && s.name == "":
		pid, err := strconv.Atoi(args[0])
		if err != nil || pid <= 0 {
			return usage("%q is no process number: to start a program write `tiebeam watch -- %s`", args[0], args[0])
		}
		return s.running(ctx, pid)
	case len(args) > 1 && dash != 0 && s.name == "":
		return usage("unexpected argument %q: to start a program write `tiebeam watch -- %s`", args[1], strings.Join(args, " "))
	}
	return usage("expected one of PID, --name PATTERN or -- COMMAND (see `tiebeam watch --help`)")
}

// find gives the one process that a pattern names.
func find(pattern string) (int, error) {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return 0, usage("--name %q: %s", pattern, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	found, err := proc.Find("", expression)
	switch {
	case err != nil:
		return 0, usage("%s", err)
	case len(found) == 0:
		return 0, usage("--name %q: no command line matches", pattern)
	case len(found) == 1:
		return found[0].PID, nil
	}
	var lines []string
	for _, one := range found[:min(len(found), maxListed)] {
		line := []rune(text.Visible(strings.Join(one.Args, " ")))
		if len(line) > maxArguments {
			line = append(line[:maxArguments], '…')
		}
		lines = append(lines, fmt.Sprintf("  %d  %s", one.PID, string(line)))
	}
	if more := len(found) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return 0, usage("--name %q: %d processes match; watch one of them by its number, or narrow the pattern:\n%s", pattern, len(found), strings.Join(lines, "\n"))
}

// An error lists so many processes, with so many characters of what each was started as.
const (
	maxListed    = 20
	maxArguments = 100
)

// launch starts a command with the agent in front.
func (s *session) launch(args []string) error {
	environment := s.environment()
	if !s.noAgent {
		listener, err := probe.Listen(time.Now)
		if err != nil {
			return err
		}
		s.closers = append(s.closers, func() { listener.Close() })
		s.options.Listener = listener
		environment = listener.Environment(environment)
	}
	// The report may be read by a program: what the command prints goes beside it.
	command, err := watch.Launch(args, environment, s.stderr)
	if err != nil {
		return usage("%s", err)
	}
	s.command = command
	s.options.PID, s.options.Launched, s.options.Args = command.PID, true, args
	s.closers = append(s.closers, func() { command.Stop(stopPatience) })
	return nil
}

// environment is what we were started with.
func (p *program) environment() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(p.env)) {
		all = append(all, name+"="+p.env[name])
	}
	return all
}

// running prepares for a process that is there already.
func (s *session) running(ctx context.Context, pid int) error {
	s.options.PID = pid
	switch sampler, err := proc.Open(pid, proc.Options{}); {
	case errors.Is(err, proc.ErrGone):
		return usage("process %d has ended, or there was none with this number: `tiebeam watch --name PATTERN` finds one by its command line", pid)
	case err != nil:
		return usage("%s", err)
	default:
		sampler.Close()
	}
	if s.noAgent {
		return nil
	}
	described := proc.Describe("", pid)
	if !described.Python() {
		return nil
	}
	listener, err := probe.Listen(time.Now)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { listener.Close() })
	s.options.Listener = listener
	if s.attach {
		if err := listener.Attach(ctx, &described); err != nil {
			return usage("%s", err)
		}
		return nil
	}
	if err := listener.ListenFor(pid, described.UID, described.GID, variable(described.Environment, "XDG_RUNTIME_DIR")); err != nil {
		s.notes = append(s.notes, "no agent is listened for: "+err.Error())
	}
	return nil
}

// variable reads one out of an environment.
func variable(environment []string, name string) string {
	for _, v := range environment {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// serve opens the page. Where the usual address is taken, another one is, unless it was asked for.
func (s *session) serve() error {
	if s.noPage {
		return nil
	}
	handler, err := page.Handler(s.hub, s.registry, s.joiner.now, s.remote)
	if err != nil {
		return err
	}
	at, end, err := page.Listen(s.listen, handler)
	if err != nil && s.listen == defaultListen {
		at, end, err = page.Listen("127.0.0.1:0", handler)
	}
	if err != nil {
		return usage("--listen %s: %s: choose another address, or --no-page", s.listen, err)
	}
	s.closers = append(s.closers, end)
	if !s.quiet {
		fmt.Fprintf(s.stderr, "tiebeam: watching; live at http://%s, metrics at /metrics\n", at)
	}
	return nil
}

// push sends the metrics from time to time.
func (s *session) push(ctx context.Context) error {
	if s.otlp == "" {
		return nil
	}
	exporter, err := otlp.New(s.otlp)
	if err != nil {
		return usage("--otlp %s", err)
	}
	exporter.Gatherer, exporter.Version, exporter.Began = s.registry, Version, time.Now()
	exporter.Attributes = []string{"service.name", "tiebeam-watch", "process.pid", strconv.Itoa(s.options.PID)}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.pushUntil(ctx, exporter)
	}()
	s.closers = append(s.closers, func() { stop(); <-done })
	return nil
}

// pushEvery is the time between two pushes.
const pushEvery = 10 * time.Second

// pushUntil tells the first failure and how many there were in the end; the watch goes on without.
func (s *session) pushUntil(ctx context.Context, exporter *otlp.Exporter) {
	failed := 0
	push := func(ctx context.Context) {
		if state, _ := s.hub.State(); state == nil {
			return
		}
		if err := exporter.Push(ctx, time.Now()); err != nil {
			if failed++; failed == 1 {
				fmt.Fprintln(s.stderr, "tiebeam: --otlp:", err)
			}
		}
	}
	ticker := time.NewTicker(pushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			push(ctx)
		case <-ctx.Done():
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			push(last)
			stop()
			if failed > 0 {
				fmt.Fprintf(s.stderr, "tiebeam: --otlp: %s failed\n", text.Count(failed, "push"))
			}
			return
		}
	}
}

// live tells on stderr what is new, and on a terminal what is now.
func (s *session) live() func(state *watch.State) {
	_, terminal := terminal(s.stderr)
	terminal = terminal && !s.quiet && s.env["TERM"] != "dumb"
	told := map[string]bool{}
	return func(state *watch.State) {
		if terminal {
			fmt.Fprint(s.stderr, "\r\x1b[K")
		}
		for i := range state.Leaks {
			name := state.Leaks[i].Subject.Describe(0)
			if !told[name] && !s.quiet {
				told[name] = true
				fmt.Fprintf(s.stderr, "tiebeam: %s after %s: %s\n", watch.RuleOf(state.Leaks[i].Subject.What),
					state.At.Sub(state.Began).Round(time.Second), text.Visible(watch.Short(&state.Process, state.Leaks[i].Subject.Describe(state.Leaks[i].Count))))
			}
		}
		if terminal && state.Ended == "" {
			io.WriteString(s.stderr, status(state))
		}
	}
}

// status is one line of numbers.
func status(s *watch.State) string {
	limit := "no limit"
	if s.Sample.MaxOpen != proc.Unlimited {
		limit = "of " + text.Grouped(int(min(s.Sample.MaxOpen, 1<<31)))
	}
	return fmt.Sprintf("%s  %s (%s), %s, %d MiB, %s", s.At.Sub(s.Began).Round(time.Second), descriptors(&s.Sample), limit,
		text.Count(s.Sample.Threads, "thread"), s.Sample.RSSBytes>>20, text.Count(len(s.Leaks), "leak"))
}
