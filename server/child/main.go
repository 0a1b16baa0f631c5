package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"poolbench/server"
)

// roleVariable, in the environment, makes Main be the server whose Config
// it holds.
const roleVariable = "POOLBENCH_SERVER"

// hello is what a server's process says once: where it listens and stores, or
// why it does not.
type hello struct {
	Addr    string `json:"addr,omitempty"`
	Storage string `json:"storage,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Main does nothing in a program that a user started. In one that [Start]
// started it is the server, and in one that a server started, its worker; then it
// does not return. It has to be called before flags are read.
func Main() {
	server.Main() // a server's worker has its server's environment
	text, ok := os.LookupEnv(roleVariable)
	if !ok {
		return
	}
	// What ends a terminal's job, or a job in CI, reaches every process of it. It
	// is for the one that started this, whose end this one sees. And saying hello
	// to one that has been killed meanwhile must not be the end either. Nobody
	// would remove the storage.
	signal.Ignore(os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if err := serve(text, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve makes the server that text describes, says hello, and serves until
// lifeline ends: when its other end is closed, by Stop or by the kernel for a
// process that is no more. Whatever happens, it cleans up.
func serve(text string, lifeline io.Reader, answer io.WriteCloser, log io.Writer) (err error) {
	var config Config
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return fmt.Errorf("child: %s: %w", roleVariable, err)
	}
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
	_ = s.Shutdown(now) // says that it cut off what was left
	if err := <-served; !errors.Is(err, server.ErrClosed) {
		return err
	}
	return nil
}

// listen makes a storage and returns the server that has it.
func listen(config *Config, log io.Writer) (*server.Server, error) {
	storage, err := os.MkdirTemp(config.StorageIn, "poolbench-storage-")
	if err != nil {
		return nil, fmt.Errorf("child: storage: %w", err)
	}
	config.Server.Storage = storage
	config.Server.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: config.LogLevel}))
	return server.Listen(config.Server)
}

// cleanUp removes the storage, and the log if there is nothing in it.
func cleanUp(config Config) error {
	if info, err := os.Stat(config.Log); err == nil && info.Size() == 0 {
		_ = os.Remove(config.Log)
	}
	if config.Server.Storage == "" {
		return nil // was not made
	}
	return os.RemoveAll(config.Server.Storage)
}
