package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"poolbench/server"
)

// monitor serves metrics and profiles over HTTP. Nil serves none.
type monitor struct {
	listener net.Listener
	http     *http.Server
	pprof    bool
	served   chan struct{}
}

// newMonitor listens on the address. Nothing is answered until serve is called.
func newMonitor(addr string, pprof bool) (*monitor, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fail(fmt.Errorf("metrics: %w", err))
	}
	if pprof && !isLoopback(listener.Addr()) {
		return nil, errors.Join(fmt.Errorf("--pprof with --metrics=%s would let other machines profile the server: want a loopback address, like 127.0.0.1:9090", addr),
			listener.Close())
	}
	return &monitor{listener: listener, pprof: pprof, served: make(chan struct{})}, nil
}

// serve answers requests from now on.
func (m *monitor) serve(s *server.Server, log *slog.Logger) {
	m.http = &http.Server{
		Handler:           m.handler(s),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // a profile takes 30 s if not told otherwise
		IdleTimeout:       time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		defer close(m.served)
		if err := m.http.Serve(m.listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are no longer served", "error", err)
		}
	}()
}

func (m *monitor) handler(s *server.Server) http.Handler {
	registry := prometheus.NewRegistry()
	// The latter two describe this process, which is the supervisor of a pool of
	// processes.
	registry.MustRegister(collector{s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	if m.pprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// close ends it, whether it serves or not, and cuts off requests under way.
func (m *monitor) close() error {
	if m == nil {
		return nil
	}
	if m.http == nil {
		return m.listener.Close()
	}
	err := m.http.Close()
	<-m.served
	return err
}
