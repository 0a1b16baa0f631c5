package page

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"poolbench/bench/journal"
)

// watchStep is how often the file of a run is looked at.
const watchStep = 500 * time.Millisecond

// Handler serves the page of the last run in a folder, which loads itself again when
// that has gone on. What it sends ends with the context of the request.
func Handler(dir string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		run, err := journal.Read(dir)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := write(w, run, true); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { tell(w, r, filepath.Join(dir, journal.FileName)) })
	return mux
}

// tell sends an event when the file has changed, until the client goes away.
func tell(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w).Flush
	if flush() != nil {
		return
	}
	before := stamp(path)
	for tick := time.NewTicker(watchStep); ; {
		select {
		case <-r.Context().Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if now := stamp(path); now != before {
			before = now
			if _, err := fmt.Fprint(w, "data: changed\n\n"); err != nil || flush() != nil {
				return
			}
		}
	}
}

// stamp changes when the file does.
func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(info.Size(), info.ModTime())
}
