package page_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/fixtures"
)

// browser opens a tab of a headless browser, and returns what goes wrong in it and
// what it asks for.
func browser(t *testing.T) (ctx context.Context, wrong, asked func() []string) {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"} {
		_, err := exec.LookPath(name)
		found = found || err == nil
	}
	if !found {
		t.Skip("there is no Chromium here: on Debian it is the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox) // as root it has none
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
	read := func(of *[]string) func() []string {
		return func() []string {
			mu.Lock()
			defer mu.Unlock()
			return append([]string{}, *of...)
		}
	}
	return ctx, read(&errors), read(&requests)
}

func evaluate[T any](t *testing.T, ctx context.Context, script string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, options...))
	require.NoError(t, err, script)
	return value
}

// A browser shows the whole page, asks for nothing but it, and has nothing to
// complain of; what the script adds works.
func TestInABrowser(t *testing.T) {
	ctx, wrong, asked := browser(t)
	url := file(t, run(10*fixtures.MiB, 50*fixtures.MiB))
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(url), chromedp.WaitReady("#cells")))

	plots := evaluate[int](t, ctx, `for (const d of document.querySelectorAll("details")) d.open = true; document.querySelectorAll("figure svg").length`)
	assert.Greater(t, plots, 100)
	empty := evaluate[[]string](t, ctx, `Array.from(document.querySelectorAll("figure")).filter((f) => {
		const svg = f.querySelector("svg"), box = svg.getBoundingClientRect();
		return box.width < 100 || box.height < 100 || svg.querySelectorAll("path").length < 3 || !svg.querySelector("desc").textContent.trim();
	}).map((f) => f.id)`)
	assert.Empty(t, empty)
	assert.Empty(t, evaluate[[]string](t, ctx, `Array.from(document.querySelectorAll("a[href^='#']")).map((a) => a.getAttribute("href")).filter((h) => !document.getElementById(h.slice(1)))`))

	shown := `Array.from(document.querySelectorAll("#cells tbody tr")).filter((r) => !r.hidden).length`
	assert.Equal(t, 72, evaluate[int](t, ctx, shown))
	require.NoError(t, chromedp.Do(ctx, chromedp.SendKeys("#filter", "download 50MiB process")))
	assert.Equal(t, 9, evaluate[int](t, ctx, shown))
	assert.Equal(t, "9 of 72 cells", evaluate[string](t, ctx, `document.getElementById("shown").textContent`))
	assert.True(t, evaluate[bool](t, ctx, `document.getElementById("filter").value = "", document.getElementById("filter").dispatchEvent(new Event("input"))`))

	rates := `Array.from(document.querySelectorAll("#cells tbody tr")).map((r) => Number(r.cells[9].dataset.value))`
	sort := `document.querySelectorAll("#cells thead button")[9].click(), true`
	for _, row := range []struct{ order, less string }{{"ascending", "<="}, {"descending", ">="}} {
		evaluate[bool](t, ctx, sort)
		assert.True(t, evaluate[bool](t, ctx, rates+`.every((v, i, all) => i === 0 || all[i-1] `+row.less+` v)`), row.order)
		assert.Equal(t, row.order, evaluate[string](t, ctx, `document.querySelectorAll("#cells th")[9].getAttribute("aria-sort")`))
	}
	// A link from the map opens what it leads to.
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

// Nothing of the page is wider than a small or a large screen, but what scrolls.
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
