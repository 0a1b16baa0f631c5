package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"poolbench/server"
	"poolbench/server/role"
)

// roleName is that of a server, for package role.
const roleName = "server"

// hello is the only message of a server's process: where it listens and stores, or why it
// does not.
type hello struct {
	Addr    string `json:"addr,omitempty"`
	Storage string `json:"storage,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Main returns at once in a program that a user started. In one that [Start] started it is
// the server, in one that a server started it is its worker, and does not return. It must
// be called before flags are parsed.
func Main() {
	server.Main() // a server's worker has its server's environment
	var config Config
	// A signal that killed this process would leave its storage behind.
	ok, err := role.Of(roleName, &config)
	if !ok {
		return
	}
	if err == nil {
		err = serve(config, os.Stdin, os.Stdout, os.Stderr)
	} else {
		err = fmt.Errorf("child: %w", err)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve starts the server, says hello, and serves until lifeline ends: when Stop closes the
// other end, or the kernel does for a process that has ended. It always cleans up.
func serve(config Config, lifeline io.Reader, answer io.WriteCloser, log io.Writer) (err error) {
	defer func() { err = errors.Join(err, cleanUp(config)) }()
	s, err := listen(&config, log)
	if err != nil {
		return errors.Join(err, json.NewEncoder(answer).Encode(hello{Error: err.Error()}))
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		close(ended)
	}()
	err = errors.Join(json.NewEncoder(answer).Encode(hello{Addr: s.Addr().String(), Storage: config.Server.Storage}), answer.Close())
	if err != nil {
		return err
	}
	select {
	case <-ended:
	case err := <-served:
		return err
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Shutdown(now) // always the context's error
	<-served
	return nil
}

// listen creates a storage folder and returns a server on it.
func listen(config *Config, log io.Writer) (*server.Server, error) {
	storage, err := os.MkdirTemp(config.StorageIn, "poolbench-storage-")
	if err != nil {
		return nil, fmt.Errorf("child: storage: %w", err)
	}
	config.Server.Storage = storage
	config.Server.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: config.LogLevel}))
	return server.Listen(config.Server)
}

// cleanUp removes the storage, and the log if it is empty.
func cleanUp(config Config) error {
	if info, err := os.Stat(config.Log); err == nil && info.Size() == 0 {
		_ = os.Remove(config.Log)
	}
	if config.Server.Storage == "" {
		return nil // not created
	}
	return os.RemoveAll(config.Server.Storage)
}
