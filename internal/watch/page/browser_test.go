//go:build linux

package page

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/metrics"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// browser starts a Chromium without a window, or skips the test. What it complains of on its console is collected.
func browser(t *testing.T) (ctx context.Context, complaints func() []string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("there is no Chromium (Debian package chromium; tools/needs/needs brings it)")
	}
	// Chromium makes a socket where temporary files are, which must not have a long path. The allocator has a folder of its own for the profile: of one of t's, the browser's last process may still write to it
	// when the test has to remove it.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.Env("TMPDIR=/tmp"))
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	allocator := chromedp.FromContext(ctx).Allocator
	t.Cleanup(func() { stop(); allocator.Wait() })
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop) // closes the browser, which then removes what it has in its folder
	ctx, stop = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	said := make(chan string, 1000)
	chromedp.ListenTarget(ctx, func(event any) {
		text := ""
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			text = e.ExceptionDetails.Error()
		case *runtime.EventConsoleAPICalled:
			text = fmt.Sprint(e.Type)
		case *log.EventEntryAdded:
			text = e.Entry.Text
		}
		if text != "" {
			said <- text
		}
	})
	if err := chromedp.Run(ctx, log.Enable()); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return ctx, func() (all []string) {
		for {
			select {
			case text := <-said:
				all = append(all, text)
			default:
				return all
			}
		}
	}
}

// looks waits until the page shows a certain look.
func looks(number int) chromedp.Action {
	return chromedp.WaitReady(fmt.Sprintf(`body[data-looks="%d"]`, number), chromedp.ByQuery)
}

// drawn waits until the page has drawn its pictures for a window of this width: it is told of the new one after a while.
func drawn(width int64) chromedp.Action {
	return chromedp.Poll(fmt.Sprintf(`(() => { const curve = document.querySelector("#curve");
		return innerWidth === %d && Math.abs(curve.viewBox.baseVal.width - curve.getBoundingClientRect().width) < 2; })()`, width), nil)
}

// evaluate asks the page.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) (answer T) {
	t.Helper()
	if err := chromedp.Run(ctx, chromedp.Evaluate(expression, &answer)); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return answer
}

// shown gives what an element says, with single blanks.
func shown(t *testing.T, ctx context.Context, selector string) string {
	t.Helper()
	return evaluate[string](t, ctx, fmt.Sprintf(`document.querySelector(%q).innerText.replace(/\s+/g, " ").trim()`, selector))
}

// faulty is what is found in a service with a leak, a blocked loop and a used-up pool.
func faulty() []finding.Finding {
	return []finding.Finding{
		{
			Rule: watch.GrowingDescriptors, Severity: finding.Error, Path: "shop/rates.py", Line: 11, Span: finding.Span{Start: 1, End: 40}, Symbol: "convert",
			Message: "shop/rates.csv open 412 times, 5 more each second (14 at first); all 1,024 descriptors will be used up in 1 min 40 s: files are opened and not closed",
			Related: []finding.Related{{Message: "read in the source: leaked-resource: builtins.open is acquired and nothing closes it"}},
			Remedy:  "Close what is opened on every path: with, contextlib.closing, or an ExitStack.",
		},
		{Rule: watch.BlockedLoop, Severity: finding.Warning, Path: "shop/pay.py", Line: 40, Span: finding.Span{Start: 1, End: 9}, Message: "the event loop was blocked 7 times, 0.4 s at the longest, in sleep"},
	}
}

// service is a state of that service after so many looks.
func service(samples int) *watch.State {
	s := state()
	s.Process.Args = []string{"/usr/bin/python3.12", "-m", "shop", "--workers", "1", "<b>&"}
	s.Samples, s.Share, s.Exhaustion = samples, 0.0034, 100
	s.At = s.Began.Add(time.Duration(samples) * time.Second)
	group := proc.Group{Narrow: true, Kind: proc.File, Where: "/srv/shop/rates.csv"}
	s.Sample = proc.Sample{
		At: s.At, DetailedAt: s.At, Open: 430 + samples, MaxOpen: 1024, Threads: 9, Children: 3, Zombies: 1, RSSBytes: 180 << 20, Detailed: true,
		Counts: map[proc.Group]int{
			{}: 430 + samples, {Narrow: true, Kind: proc.File}: 412, group: 412, {Narrow: true, Kind: proc.Socket}: 30, {Narrow: true, Kind: proc.Pipe}: 4, {Narrow: true, Kind: proc.Epoll}: 1,
			{Narrow: true, Kind: proc.Socket, State: "ESTABLISHED", Where: "10.20.30.40:5432"}: 12, {Narrow: true, Kind: proc.Socket, State: "CLOSE_WAIT", Where: "[2001:db8:85a3::8a2e:370:7334]:443"}: 9,
			{Narrow: true, Kind: proc.Socket, State: "ESTABLISHED", Where: "10.0.0.7 to :8000"}: 8, {Narrow: true, Kind: proc.Socket, State: "LISTEN"}: 1,
			{Narrow: true, Kind: proc.Socket, State: "ESTABLISHED"}: 20, {Narrow: true, Kind: proc.Socket, State: "CLOSE_WAIT"}: 9,
		},
	}
	s.Leaks = []cause.Leak{{Subject: cause.Subject{What: cause.Descriptors, Group: group}, Count: 412, Before: 14, Judgement: trend.Judgement{Slope: 5, Rising: true}, Limit: 1024, Exhaustion: 100}}
	s.Curves = map[string][]trend.Point{}
	for i := range 90 {
		at := float64(i)
		add := func(name string, value float64) {
			s.Curves[name] = append(s.Curves[name], trend.Point{Seconds: at, Value: value})
		}
		add(watch.CurveDescriptors, 25+4.6*at)
		add(watch.CurveThreads, 9)
		add(watch.CurveMemory, float64(170<<20)+at*(1<<17))
		add(watch.CurveTasks, 40+10*math.Sin(at/7))
	}
	s.Agent = probe.View{
		At: s.At, Connected: true, Hello: probe.Hello{Agent: "0.1.0", Python: "3.12.1", Implementation: "cpython", Bounds: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}},
		Stats: probe.Stats{
			Loops: []probe.Loop{{ID: 1, Impl: "asyncio", Tasks: 45, Lag: probe.Lag{Counts: []uint64{1500, 120, 30, 9, 4, 2, 1, 6, 8, 0, 0, 0, 0, 0}, Sum: 9, Count: 1680, Max: 0.4}}},
			Pools: []probe.Pool{
				{Kind: "psycopg", Name: "orders", Size: 4, Max: 4, Waiting: 3, Site: probe.Site{File: "/srv/shop/db.py", Line: 9, Func: "<module>"}},
				{Kind: "redis", Name: "redis-1", Size: 5, Max: 0, Available: 4, Site: probe.Site{File: "/srv/shop/cache.py", Line: 3, Func: "<module>"}},
			},
		},
	}
	s.Blocks = []probe.Block{{Site: probe.Site{File: "/srv/shop/pay.py", Line: 40, Func: "charge"}, Count: 7, Seconds: 2.5, Longest: 0.4, Running: "sleep (time.py)"}}
	return s
}

// healthy is a service without a fault.
func healthy(samples int) *watch.State {
	s := service(samples)
	s.Leaks, s.Blocks, s.Exhaustion = nil, nil, math.Inf(1)
	s.Sample.Open, s.Sample.Zombies = 31, 0
	s.Sample.Counts = map[proc.Group]int{{}: 31, {Narrow: true, Kind: proc.File}: 12, {Narrow: true, Kind: proc.Socket}: 19, {Narrow: true, Kind: proc.Socket, State: "ESTABLISHED", Where: "10.20.30.40:5432"}: 18, {Narrow: true, Kind: proc.Socket, State: "ESTABLISHED"}: 18, {Narrow: true, Kind: proc.Socket, State: "LISTEN"}: 1}
	s.Agent.Stats.Pools = s.Agent.Stats.Pools[1:]
	s.Agent.Stats.Loops[0].Lag = probe.Lag{Counts: []uint64{1500, 120, 30, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, Count: 1659, Max: 0.008}
	for i := range s.Curves[watch.CurveDescriptors] {
		s.Curves[watch.CurveDescriptors][i].Value = 28 + float64(i*7%5)
	}
	return s
}

// picture keeps what the browser shows, where TIEBEAM_PICTURES names a folder: for a person to look at.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("TIEBEAM_PICTURES")
	if dir == "" {
		return
	}
	var raw []byte
	if err := chromedp.Run(ctx, chromedp.FullScreenshot(&raw, 100)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".png"), raw, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// scheme makes the browser prefer light or dark pages.
func scheme(name string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}})
}

// TestPageInBrowser: a real browser loads the page, shows the numbers and each new look, complains of nothing, and fits
// on a phone and on a desk, in light and in dark.
func TestPageInBrowser(t *testing.T) {
	ctx, complaints := browser(t)
	hub := &watch.Hub{}
	hub.Publish(service(60))
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	address := serveFaulty(t, hub)
	if err := chromedp.Run(ctx, chromedp.Navigate(address), looks(60)); err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]string{
		"#health": "fails in 1 min 40 s", "#name": "python3.12 -m shop --workers", "#open": "490 of 1,024", "#tasks .number": "45", "#threads .number": "9", "#memory .number": "180 MiB",
		"#findings": "rates.csv open 412 times", "#pools": "3 callers wait", "#blocks": "pay.py:40 charge", "#sockets": "CLOSE_WAIT to [2001:db8:85a3::8a2e:370:7334]:443", "#kinds": "file 412",
		"#about": "1 of them never waited for", "#cost": "0.34 %",
	} {
		if got := shown(t, ctx, selector); !strings.Contains(got, want) {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	if title := evaluate[string](t, ctx, "document.title"); !strings.HasPrefix(title, "fails in 1 min 40 s") {
		t.Errorf("title %q", title)
	}
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"desk", 1280, 900}, {"tablet", 820, 1180}, {"phone", 360, 740}, {"small", 320, 560}} {
		for _, light := range []string{"light", "dark"} {
			if err := chromedp.Run(ctx, chromedp.EmulateViewport(size.width, size.height), scheme(light), drawn(size.width)); err != nil {
				t.Fatal(err)
			}
			s := fits(t, ctx, size.name+" "+light)
			picture(t, ctx, "faulty-"+size.name+"-"+light)
			if dark := s.Paper < 0.2; dark != (light == "dark") {
				t.Errorf("%s %s: the paper has a luminance of %.2f", size.name, light, s.Paper)
			}
		}
	}
	hub.Publish(healthy(61))
	if err := chromedp.Run(ctx, looks(61)); err != nil {
		t.Fatal(err)
	}
	if open := shown(t, ctx, "#open"); open != "31 of 1,024" {
		t.Errorf("after a new look %q", open)
	}
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(1280, 900), scheme("light")); err != nil {
		t.Fatal(err)
	}
	picture(t, ctx, "healthy-desk-light")
	if all := complaints(); len(all) > 0 {
		t.Errorf("the browser complains: %q", all)
	}
}

// serveFaulty serves a hub whose states with a leak have findings.
func serveFaulty(t *testing.T, hub *watch.Hub) (address string) {
	t.Helper()
	handler, err := Handler(hub, metrics.Registry(hub), func(s *watch.State) []finding.Finding {
		if len(s.Leaks) == 0 {
			return nil
		}
		return faulty()
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections() // a page listens for as long as it is open
		server.Close()
	})
	return server.URL
}

// layout is what a page looks like by numbers.
type layout struct {
	Wide   []string // elements that reach beyond the window
	Faint  []string // texts that are hard to tell from what is behind them
	Tiny   []string // texts too small to read
	Paper  float64  // luminance of the background
	Scroll bool     // whether it scrolls sideways
}

// measureLayout walks over all elements. Contrast is that of WCAG 2: at least 4.5 for text, 3 for large text.
const measureLayout = `(() => {
  const lum = (c) => { const [r, g, b] = c.match(/[\d.]+/g).map(Number).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/rgba\(.*, 0\)/.test(c)) return c; } return "rgb(255,255,255)"; };
  const out = { Wide: [], Faint: [], Tiny: [], Paper: lum(behind(document.body)), Scroll: document.documentElement.scrollWidth > document.documentElement.clientWidth };
  for (const e of document.querySelectorAll("body *")) {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const name = e.tagName + "#" + e.id + "." + (e.getAttribute("class") || "") + " " + (e.textContent || "").trim().slice(0, 30);
    if (box.right > document.documentElement.clientWidth + 0.5 || box.left < -0.5) out.Wide.push(name);
    const drawing = e.ownerSVGElement && e.ownerSVGElement.getBoundingClientRect();
    if (drawing && (box.left < drawing.left - 0.5 || box.right > drawing.right + 0.5)) out.Wide.push("cut off: " + name);
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e), svg = e instanceof SVGElement;
    const ink = lum(svg ? style.fill : style.color), paper = lum(behind(e));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const size = svg ? box.height / 1.2 : parseFloat(style.fontSize);
    if (contrast < (size >= 18 || (size >= 14 && Number(style.fontWeight) >= 600) ? 3 : 4.5)) out.Faint.push(name + " " + contrast.toFixed(2));
    if (size < 9) out.Tiny.push(name + " " + size.toFixed(1));
  }
  return out;
})()`

// fits says what is wrong with the layout at this size.
func fits(t *testing.T, ctx context.Context, name string) layout {
	t.Helper()
	l := evaluate[layout](t, ctx, measureLayout)
	if l.Scroll || len(l.Wide) > 0 {
		t.Errorf("%s: the page scrolls sideways (%v) or something reaches beyond it: %q", name, l.Scroll, l.Wide)
	}
	if len(l.Faint) > 0 {
		t.Errorf("%s: too little contrast: %q", name, l.Faint)
	}
	if len(l.Tiny) > 0 {
		t.Errorf("%s: too small to read: %q", name, l.Tiny)
	}
	return l
}
