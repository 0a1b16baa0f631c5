package page_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/journal"
	"poolbench/bench/report/page"
	"poolbench/fixtures"
)

// browser opens a tab of a headless browser. wrong returns the errors in it so far, and asked
// the addresses that it requested.
func browser(t testing.TB) (ctx context.Context, wrong, asked func() []string) {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"} {
		_, err := exec.LookPath(name)
		found = found || err == nil
	}
	if !found {
		t.Skip("there is no Chromium here: on Debian it is the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox) // root has none
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(allocated)
	t.Cleanup(cancelTab)
	ctx, cancelTime := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancelTime)
	var (
		mu               sync.Mutex
		errors, requests []string
	)
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			errors = append(errors, (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
		case *runtime.EventConsoleAPICalled:
			errors = append(errors, fmt.Sprint(e.Type, e.Args))
		case *network.EventRequestWillBeSent:
			requests = append(requests, e.Request.URL)
		}
	}))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	// Without a window, focus must be emulated.
	_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	require.NoError(t, err)
	read := func(of *[]string) func() []string {
		return func() []string {
			mu.Lock()
			defer mu.Unlock()
			return append([]string{}, *of...)
		}
	}
	return ctx, read(&errors), read(&requests)
}

func evaluate[T any](t testing.TB, ctx context.Context, script string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, options...))
	require.NoError(t, err, script)
	return value
}

// A browser shows the whole page without errors and requests nothing else. Filter, order and
// links work.
func TestInABrowser(t *testing.T) {
	ctx, wrong, asked := browser(t)
	until := func(script string) {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](script))
		require.NoError(t, err, script)
	}
	url := file(t, run(10*fixtures.MiB, 50*fixtures.MiB))
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(url), chromedp.WaitReady("#cells")))

	plots := evaluate[int](t, ctx, `for (const d of document.querySelectorAll("details")) d.open = true; document.querySelectorAll("figure svg").length`)
	assert.Equal(t, 18, plots)
	empty := evaluate[[]string](t, ctx, `Array.from(document.querySelectorAll("figure")).filter((f) => {
		const svg = f.querySelector("svg"), box = svg.getBoundingClientRect();
		return box.width < 100 || box.height < 60 || svg.querySelectorAll("path").length < 3 || !svg.querySelector("desc").textContent.trim();
	}).map((f) => f.id)`)
	assert.Empty(t, empty)
	assert.Empty(t, evaluate[[]string](t, ctx, `Array.from(document.querySelectorAll("a[href^='#']")).map((a) => a.getAttribute("href")).filter((h) => !document.getElementById(h.slice(1)))`))

	shown := `Array.from(document.querySelectorAll("#cells tbody tr")).filter((r) => !r.hidden).length`
	assert.Equal(t, 72, evaluate[int](t, ctx, shown))
	filter := func(text string) {
		evaluate[bool](t, ctx, fmt.Sprintf(`((e) => (e.value = %q, e.dispatchEvent(new Event("input"))))(document.getElementById("filter"))`, text))
	}
	for _, row := range []struct {
		text string
		want int
	}{
		{"download 50MiB process", 9}, {"50 MiB", 36}, {"upload clients=50 process", 6}, {"op=upload/volume=10MiB/clients=1/workers=5/pool=thread", 1},
		{"50", 40}, {"5", 40}, {"few", 0}, {"nothing=such", 0}, {"=", 0}, {"(", 0}, {"", 72},
	} {
		filter(row.text)
		assert.Equal(t, row.want, evaluate[int](t, ctx, shown), row.text)
		assert.Equal(t, fmt.Sprintf("%d of 72 cells", row.want), evaluate[string](t, ctx, `document.getElementById("shown").textContent`))
	}
	// A link shows its row even if that is filtered out, also a second time.
	for range 2 {
		filter("workers=50")
		evaluate[bool](t, ctx, `document.querySelector("#ratio svg a").dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))`)
		until(`(() => { const r = document.querySelector("tr:target"); const at = r && r.getBoundingClientRect(); return at && !r.hidden && at.top >= 0 && at.bottom <= innerHeight; })()`)
	}

	rates := `Array.from(document.querySelectorAll("#cells tbody tr")).map((r) => Number(r.cells[9].dataset.value))`
	sort := `document.querySelectorAll("#cells thead button")[9].click(), true`
	for _, row := range []struct{ order, less string }{{"ascending", "<="}, {"descending", ">="}} {
		evaluate[bool](t, ctx, sort)
		assert.True(t, evaluate[bool](t, ctx, rates+`.every((v, i, all) => i === 0 || all[i-1] `+row.less+` v)`), row.order)
		assert.Equal(t, row.order, evaluate[string](t, ctx, `document.querySelectorAll("#cells th")[9].getAttribute("aria-sort")`))
	}
	// A link from the table opens the section of its figure.
	assert.True(t, evaluate[bool](t, ctx, `new Promise((done) => {
		const details = document.querySelector("#latency details");
		details.open = false;
		details.addEventListener("toggle", () => details.open && done(true));
		document.querySelector("#cells tbody a").click();
	})`, chromedp.EvalAwaitPromise))

	assert.Empty(t, wrong())
	for _, request := range asked() {
		assert.True(t, strings.HasPrefix(request, url) || strings.HasPrefix(request, "data:"), request)
	}
}

// On small and on large screens, only what scrolls is wider than the screen.
func TestWidths(t *testing.T) {
	ctx, wrong, _ := browser(t)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(file(t, run(10*fixtures.MiB)))))
	for _, width := range []int64{400, 2000} {
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
		require.NoError(t, err)
		assert.LessOrEqual(t, evaluate[int64](t, ctx, `document.documentElement.scrollWidth`), width)
	}
	assert.Empty(t, wrong())
}

// The title of a mark is shown to mouse and keyboard, once, until the mouse or the focus
// leaves or Escape is pressed.
func TestTips(t *testing.T) {
	ctx, wrong, _ := browser(t)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(file(t, run(10*fixtures.MiB)))))
	told := func() string {
		return evaluate[string](t, ctx, `document.getElementById("tip").hidden ? "" : document.getElementById("tip").textContent`)
	}
	over := `((to) => to.dispatchEvent(new PointerEvent("pointerover", {bubbles: true})))`
	assert.Empty(t, told())
	for _, row := range []struct{ name, of, want string }{
		{"an effect", `document.querySelector("#effects figure .dot")`, `^upload, all: throughput of process \+20 %, 95 % interval .*: faster$`},
		{"a throughput", `document.querySelector("#workers figure .dot")`, `^10 MiB, 1 client, 1 worker, (thread|process): \d+ MB/s, 10 rounds, 95 % interval \d+ … \d+$`},
		{"a point", `document.querySelector("#ratio svg a")`, `^upload of 10 MiB, 1 client, 1 worker: throughput of process \+`},
		{"a client in the queue", `document.querySelector("#queue figure .bar")`, `^client \d+ waited .*, transfer from .* to .* ms$`},
		{"a quantile", `document.querySelector("#latency svg .field")`, `^10 MiB, 1 client, 1 worker: 50 % of ops within: .* ms \(thread\), .* ms \(process\)$`},
	} {
		evaluate[bool](t, ctx, over+"("+row.of+")")
		assert.Regexp(t, row.want, told(), row.name)
		assert.Empty(t, evaluate[string](t, ctx, fmt.Sprintf(`(%[1]s.querySelector("title")?.textContent ?? "") + (%[1]s.getAttribute("title") ?? "")`, row.of)), "the browser tells it too")
	}
	evaluate[bool](t, ctx, over+"(document.body)")
	assert.Empty(t, told())
	evaluate[bool](t, ctx, `document.querySelector("#ratio svg a").focus(), true`)
	assert.Regexp(t, `^upload of 10 MiB`, told())
	inside := `(() => { const r = document.getElementById("tip").getBoundingClientRect(); return r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight; })()`
	assert.True(t, evaluate[bool](t, ctx, inside))
	require.NoError(t, chromedp.Do(ctx, chromedp.KeyEvent(kb.Escape)))
	assert.Empty(t, told())
	assert.Empty(t, wrong())
}

// Whatever the mouse can do, the keyboard can.
func TestKeyboard(t *testing.T) {
	ctx, wrong, _ := browser(t)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(file(t, run(10*fixtures.MiB)))))
	focused := func() string {
		return evaluate[string](t, ctx, `((e) => e.tagName + " " + (e.closest("section, nav")?.id ?? "") + " " + e.textContent.slice(0, 20))(document.activeElement)`)
	}
	press := func(keys string) { require.NoError(t, chromedp.Do(ctx, chromedp.KeyEvent(keys))) }
	press(kb.Tab)
	assert.Equal(t, "A  To the verdict", focused())
	var order []string
	for range 200 {
		press(kb.Tab)
		kind, _, _ := strings.Cut(focused(), "  ")
		words := strings.Fields(kind)
		place := strings.Join(words[:min(2, len(words))], " ")
		if len(order) == 0 || order[len(order)-1] != place {
			order = append(order, place)
		}
	}
	assert.Subset(t, order, []string{"a ratio", "SUMMARY latency", "SUMMARY queue", "BUTTON table", "INPUT table", "A table", "PRE run"}, order)

	evaluate[bool](t, ctx, `document.querySelector("#latency summary").focus(), true`)
	press(kb.Enter)
	assert.True(t, evaluate[bool](t, ctx, `document.querySelector("#latency details").open`))
	evaluate[bool](t, ctx, `document.querySelectorAll("#cells thead button")[9].focus(), true`)
	press(kb.Enter)
	assert.Equal(t, "ascending", evaluate[string](t, ctx, `document.querySelectorAll("#cells th")[9].getAttribute("aria-sort")`))
	evaluate[bool](t, ctx, `document.querySelector("#ratio svg a").focus(), true`)
	press(kb.Enter)
	assert.Equal(t, "cell-op-upload-volume-10mib-clients-1-workers-1-pool-process", evaluate[string](t, ctx, `document.querySelector("tr:target").id`))
	assert.Empty(t, wrong())
}

// A served page that updates itself keeps what its reader has opened, sorted, filtered and
// scrolled, and says when it cannot follow the run.
func TestLive(t *testing.T) {
	t.Parallel() // updates rest for seconds
	dir := t.TempDir()
	whole := run(10 * fixtures.MiB)
	j, err := journal.Open(dir, whole.Head, false)
	require.NoError(t, err)
	require.NoError(t, j.Add(whole.Results[0]))
	ctx, wrong, _ := browser(t)
	server := httptest.NewServer(page.Handler(dir))
	t.Cleanup(func() {
		server.CloseClientConnections() // the browser keeps its connection for events
		server.Close()
	})
	until := func(script string) {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](script))
		require.NoError(t, err, script)
	}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(server.URL)))
	evaluate[bool](t, ctx, `document.querySelector("#latency details").open = true`)
	evaluate[bool](t, ctx, `((b) => (b.click(), b.click(), true))(document.querySelectorAll("#cells thead button")[2])`)
	evaluate[bool](t, ctx, `((e) => (e.value = "upload", e.dispatchEvent(new Event("input")), e.focus({preventScroll: true}), e.setSelectionRange(2, 2), true))(document.getElementById("filter"))`)
	evaluate[bool](t, ctx, `document.getElementById("cells").parentElement.scrollLeft = 30, scrollTo(0, 300), true`)
	left := evaluate[string](t, ctx, view)
	assert.Equal(t, "true upload 2 descending 300 30 filter", left)

	file := filepath.Join(dir, journal.FileName)
	require.NoError(t, os.Rename(file, file+".away"))
	until(`document.getElementById("live").textContent.includes("no such file")`)
	assert.Contains(t, evaluate[string](t, ctx, `document.querySelector("header p").textContent`), "0 of 1 pass, 1 visit to 36 cells", "what was shown is kept")
	require.NoError(t, os.Rename(file+".away", file))
	require.NoError(t, j.Add(whole.Results[1]))
	until(`document.querySelector("header p").textContent.includes("0 of 1 pass, 2 visits to 36 cells")`)
	assert.Equal(t, left, evaluate[string](t, ctx, view))
	assert.True(t, evaluate[bool](t, ctx, `document.getElementById("live").hidden`))
	assert.True(t, evaluate[bool](t, ctx, `Array.from(document.querySelectorAll("#cells tbody tr")).every((r) => r.hidden !== r.textContent.includes("upload"))`))
	for _, complaint := range wrong() {
		assert.Contains(t, complaint, "503", "of the file that was away")
	}
	require.NoError(t, j.Close(""))
}

// view returns the state of a page that its reader has changed.
const view = `[document.querySelector("#latency details").open, document.getElementById("filter").value, document.getElementById("filter").selectionStart,
	document.querySelectorAll("#cells th")[2].getAttribute("aria-sort"), scrollY, document.getElementById("cells").parentElement.scrollLeft, document.activeElement.id].join(" ")`

// BenchmarkPaint loads the page of the reference matrix and reports its first paint.
func BenchmarkPaint(b *testing.B) {
	ctx, _, _ := browser(b)
	url := file(b, run(10*fixtures.MiB, 50*fixtures.MiB, 100*fixtures.MiB))
	var total float64
	for b.Loop() {
		require.NoError(b, chromedp.Do(ctx, chromedp.Navigate(url)))
		total += evaluate[float64](b, ctx, `new Promise((done) => new PerformanceObserver((list) => done(list.getEntriesByName("first-contentful-paint")[0].startTime)).observe({type: "paint", buffered: true}))`, chromedp.EvalAwaitPromise)
	}
	b.ReportMetric(total/float64(b.N), "first-paint-ms")
}
