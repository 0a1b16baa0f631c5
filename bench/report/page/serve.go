package page

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"poolbench/bench/analysis"
	"poolbench/bench/journal"
)

// watchStep is how often the file of a run is checked for changes.
const watchStep = 500 * time.Millisecond

// Handler serves the page of the last run in a folder. The page follows the run, and waits
// for one if there is none. A response ends with the context of its request.
func Handler(dir string) http.Handler {
	path := filepath.Join(dir, journal.FileName)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		stamp := stampOf(path) // taken before the file is read, so that no change is missed
		v, status := view{}, http.StatusOK
		if run, err := journal.Read(dir); err == nil {
			v = viewOf(analysis.New(run))
		} else {
			v.Status, status = fmt.Sprintf("There is nothing to show yet: %v.", err), http.StatusServiceUnavailable
		}
		text, err := v.render(stamp)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = text.WriteTo(w) // fails if the client has gone away
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { tell(w, r, path) })
	return mux
}

// tell sends an event whenever the file differs from what the client has seen, until the
// client goes away.
func tell(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w).Flush
	if flush() != nil {
		return
	}
	// A browser that reconnects names the last event it has received.
	seen := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("since"))
	tick := time.NewTicker(watchStep)
	defer tick.Stop()
	for {
		if now := stampOf(path); now != seen {
			seen = now
			if _, err := fmt.Fprintf(w, "id: %s\ndata: changed\n\n", now); err != nil || flush() != nil {
				return
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// stampOf returns a text that changes when the file does.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "none"
	}
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
}
