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
		BaseContext: func(net.Listener) context.Context { return ctx }, // ends what waits for the run to go on
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

// servable finds what no waiting mends: a run may be yet to begin, in a folder that is
// there.
func servable(dir string) error {
	if info, err := os.Stat(dir); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is a file: report wants the folder of results that it is in", dir)
	}
	_, err := journal.Read(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, journal.ErrNoRun) {
		return nil
	}
	return err
}
