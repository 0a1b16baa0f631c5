package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"poolbench/bench/journal"
	"poolbench/bench/report/page"
)

// serveReport serves the page of a folder's last run until the context ends.
func serveReport(ctx context.Context, stderr io.Writer, addr, dir string) error {
	if err := servable(dir); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	fmt.Fprintf(stderr, "poolbench: the page of %s is at http://%s/ until Ctrl-C\n", dir, listener.Addr())
	server := &http.Server{
		Handler: page.Handler(dir), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }, // ends requests that wait for the run
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err = server.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // a browser opens connections that it may never use
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// servable rejects a folder that waiting will not mend. It accepts one in which no run has
// begun yet.
func servable(dir string) error {
	if info, err := os.Stat(dir); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is a file: report needs the results folder that it is in", dir)
	}
	_, err := journal.Read(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, journal.ErrNoRun) {
		return nil
	}
	return err
}
