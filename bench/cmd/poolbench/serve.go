package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"poolbench/bench/journal"
	"poolbench/bench/report/page"
)

// serveReport serves the page of a folder's last run until the context ends.
func serveReport(ctx context.Context, stderr io.Writer, addr, dir string) error {
	if _, err := journal.Read(dir); err != nil {
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
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = server.Shutdown(grace)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
