package reports

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/leaklab/leaklab/harness"
)

// browserTime bounds what one report may take in a browser, start included.
const browserTime = 2 * time.Minute

// browser is a headless Chromium with an empty profile.
type browser struct {
	ctx      context.Context
	mu       sync.Mutex
	requests []string // what it asked for
}

// newBrowser starts one. Without Chromium the test is skipped.
func newBrowser(t testing.TB) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: a browser takes seconds")
	}
	program := ""
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("Chromium is missing: none of chromium-headless-shell, chromium, chromium-browser, google-chrome is installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-pings", true))
	ctx, cancel := context.WithTimeout(context.Background(), browserTime)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	b := &browser{ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	b.do(t, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		return err
	}))
	return b
}

func (b *browser) note(event any) {
	if e, ok := event.(*network.EventRequestWillBeSent); ok {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.requests = append(b.requests, e.Request.URL)
	}
}

// do runs steps, and fails the test where one fails.
func (b *browser) do(t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until an expression is true in the page.
func (b *browser) eventually(t testing.TB, expression string) {
	t.Helper()
	script := fmt.Sprintf(`new Promise(done => { const look = () => (%s) ? done(true) : requestAnimationFrame(look); look(); })`, expression)
	ctx, cancel := context.WithTimeout(b.ctx, browserTime/4)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("waiting for %s: %v", expression, err)
	}
}

// open shows a report and waits until it is drawn.
func (b *browser) open(t testing.TB, r harness.Record) {
	t.Helper()
	b.show(t, func(w io.Writer) error { return HTML(w, r, htmlOptions) })
}

// show shows a page and waits until it is drawn. What the page says to the
// console, up to the end of the test, is an error, as is any request but that for
// the page itself.
func (b *browser) show(t testing.TB, write func(io.Writer) error) {
	t.Helper()
	file := filepath.Join(t.ArtifactDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	file, err = filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	page := "file:///" + strings.TrimPrefix(filepath.ToSlash(file), "/")
	b.mu.Lock()
	b.requests = nil
	b.mu.Unlock()
	messages := chromedp.Console(b.ctx)
	t.Cleanup(func() { b.checkQuiet(t, page, messages) })
	b.do(t, chromedp.Navigate(page))
	b.eventually(t, `document.documentElement.dataset.ready === "true"`)
}

// checkQuiet wants no message since a page was opened, and no request but that
// for it.
func (b *browser) checkQuiet(t testing.TB, page string, messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	t.Helper()
	const end = "the end of the test"
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf("console.log(%q), true", end))); err != nil {
		t.Fatal(err)
	}
	for m, err := range messages {
		if err != nil {
			t.Fatal(err)
		}
		if m.Text == end {
			break
		}
		t.Errorf("console: %s: %s", m.Type, m.Text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) != 1 || b.requests[0] != page {
		t.Errorf("requests: %q, want that for the page alone", b.requests)
	}
}

func TestHTMLInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.do(t, chromedp.EmulateViewport(1440, 900))
	b.open(t, story(t, "run"))

	t.Run("draws", func(t *testing.T) {
		b.eventually(t, `document.querySelectorAll("[data-spark] canvas").length === 6`)
		b.do(t, chromedp.ScrollIntoView(chromedp.CSS("#heap")))
		b.eventually(t, `[...document.querySelectorAll("#heap [data-heap]")].every(box => box.querySelector("canvas")?.width > 200)`)
		b.do(t, chromedp.ScrollIntoView(chromedp.CSS("#timeline [data-p99]")))
		b.eventually(t, `["rate", "p99"].every(of => document.querySelector("[data-" + of + "] canvas")?.width > 200)`)
		b.do(t, chromedp.ScrollIntoView(chromedp.CSS("#places")))
		b.eventually(t, `document.querySelectorAll(".plot canvas").length > 6 && document.querySelectorAll("g.frame").length > 1`)
	})
	const shown = `[...document.querySelectorAll("[data-heap]")].map(b => b.plot.chart.scales.x).map(x => x.max - x.min)`
	t.Run("zooms all charts alike", func(t *testing.T) {
		b.do(t, chromedp.Click(chromedp.CSS(`#heap [data-zoom="in"]`)))
		b.eventually(t, shown+`.every(span => span === 160)`)
		b.do(t, chromedp.Click(chromedp.CSS(`#heap [data-zoom="all"]`)))
		b.eventually(t, shown+`.every(span => span === 320)`)
	})
	t.Run("zooms by dragging", func(t *testing.T) {
		b.do(t, chromedp.ScrollIntoView(chromedp.CSS(`[data-heap="1"]`)))
		box, err := chromedp.Run(b.ctx, chromedp.Evaluate[map[string]float64](
			`(r => ({x: r.x, y: r.y, w: r.width, h: r.height}))(document.querySelector('[data-heap="1"] .u-over').getBoundingClientRect())`))
		if err != nil {
			t.Fatal(err)
		}
		middle := box["y"] + box["h"]/2
		b.do(t, chromedp.DragAndDropXY(box["x"]+box["w"]*0.25, middle, box["x"]+box["w"]*0.75, middle, 5))
		b.eventually(t, shown+`.every(span => span > 120 && span < 200)`)
		b.do(t, chromedp.Click(chromedp.CSS(`#heap [data-zoom="all"]`)))
	})
	t.Run("shares a cursor", func(t *testing.T) {
		b.do(t, chromedp.Focus(chromedp.CSS(`[data-heap="1"]`)), chromedp.KeyEvent("\u0302")) // the left arrow
		b.eventually(t, `new Set([...document.querySelectorAll("[data-heap]")].map(b => b.plot.chart.cursor.idx)).size === 1`)
	})
	t.Run("hides a curve everywhere", func(t *testing.T) {
		b.do(t, chromedp.Click(chromedp.CSS(`[data-legend="timeline"] li:last-child button`)))
		b.eventually(t, `[...document.querySelectorAll("[data-memory]")].every(b => !b.plot.chart || !b.plot.chart.series.at(-1).show)`)
	})
	t.Run("expands a stack", func(t *testing.T) {
		b.do(t, chromedp.Click(chromedp.CSS("#places summary")))
		b.eventually(t, `document.querySelector("#places .stack").getClientRects().length > 0`)
	})
	t.Run("zooms a flame graph", func(t *testing.T) {
		const width = `Number(document.querySelector("#places g.frame:last-of-type rect").getAttribute("width"))`
		b.eventually(t, width+" > 0")
		b.do(t, chromedp.Focus(chromedp.CSS("#places g.frame")), chromedp.KeyEvent("\u0301"), chromedp.KeyEvent("\u0301"), chromedp.KeyEvent("\r"))
		b.eventually(t, `document.querySelectorAll("#places g.frame.fade").length > 0`)
		b.do(t, chromedp.Click(chromedp.CSS("[data-unzoom]")))
		b.eventually(t, `document.querySelectorAll("#places g.frame.fade").length === 0`)
		b.do(t, chromedp.SendKeys(chromedp.CSS("[data-find]"), "CHECK"))
		b.eventually(t, `/^\d+ frames? found$/.test(document.querySelector('[data-readout="graph-0"]').textContent)`)
	})
	t.Run("turns dark", func(t *testing.T) {
		b.do(t, chromedp.Click(chromedp.CSS("#theme")))
		b.eventually(t, `getComputedStyle(document.body).backgroundColor === "rgb(19, 20, 22)" && document.querySelector("#theme").textContent === "Light"`)
	})
}

// TestHTMLOfEveryStory opens what else may happen, on a telephone: nothing is
// wider than the screen.
func TestHTMLOfEveryStory(t *testing.T) {
	b := newBrowser(t)
	b.do(t, chromedp.EmulateViewport(390, 844))
	for name := range stories {
		t.Run(name, func(t *testing.T) {
			b.open(t, story(t, name))
			b.eventually(t, `document.documentElement.scrollWidth <= 390`)
		})
	}
}

// What has no value is not drawn: a curve of the runtime that pprof alone does not
// tell under load, a line beside rounds that it was not fitted to.
func TestHTMLWithoutValuesInABrowser(t *testing.T) {
	b := newBrowser(t)
	r := goldenRecord(t)
	r.Variants = r.Variants[:1]
	v := &r.Variants[0]
	for i := range v.Timeline {
		v.Timeline[i] = harness.Sample{AtSeconds: float64(i), RSSBytes: new(int64(harness.MiB))}
	}
	last := v.Checkpoints[len(v.Checkpoints)-1]
	for _, round := range []harness.Round{harness.Replay, harness.Flood, harness.Rest} {
		last.Round = round
		last.Requests += 1000
		v.Checkpoints = append(v.Checkpoints, last)
	}
	b.open(t, r)
	const legend = `[...document.querySelectorAll('[data-legend="timeline"] button')].map((curve) => curve.textContent).join()`
	b.eventually(t, legend+` === "RSS"`)
	b.eventually(t, `!document.querySelector('[data-readout="timeline-0"]').textContent.includes("live")`)
	drawn := func(column int) string {
		return fmt.Sprintf(`heapColumns(variants[0].heap)[%d].slice(-4).map((y) => y == null ? "none" : "drawn").join()`, column)
	}
	b.eventually(t, drawn(3)+` === "drawn,none,none,none"`)
	b.eventually(t, drawn(6)+` === "drawn,drawn,none,none"`)
}

func TestHTMLHostileTextsInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.do(t, chromedp.EmulateViewport(390, 844))
	b.open(t, fill(t, strings.Join(htmlTexts[:10], " ")))
	b.eventually(t, `window.hostile === undefined && document.documentElement.scrollWidth <= 390`)
}

func TestHTMLOfManySamplesInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.open(t, crowded(t, 5, 100_000, 10_000))
	b.do(t, chromedp.ScrollIntoView(chromedp.CSS("[data-graph]")))
	b.eventually(t, `document.querySelectorAll("g.frame").length > 100`)
}

// BenchmarkHTMLInABrowser measures how long a browser takes for a big report,
// from opening it to its last script.
func BenchmarkHTMLInABrowser(b *testing.B) {
	browser := newBrowser(b)
	browser.open(b, crowded(b, 5, 100_000, 10_000))
	milliseconds, err := chromedp.Run(browser.ctx, chromedp.Evaluate[float64](`performance.getEntriesByType("navigation")[0].loadEventEnd`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(milliseconds, "ms/load")
}
