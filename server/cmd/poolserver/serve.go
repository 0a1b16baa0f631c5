package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"poolbench/server"
)

// service is a running server with its console and monitor.
type service struct {
	*console
	server  *server.Server
	monitor *monitor
	served  chan error // gets what Serve returned
	drain   time.Duration

	down   chan error // gets what Shutdown returned
	cutOff func()     // ends the drain; nil until a signal has begun it
}

// start starts a service and returns when it serves.
func start(f *flags, config server.Config, stderr io.Writer) (s *service, err error) {
	s = &service{served: make(chan error, 1), down: make(chan error, 1), drain: f.drainTimeout}
	defer func() {
		if err != nil {
			err = s.end(err)
		}
	}()
	level, err := f.level()
	if err != nil {
		return s, err
	}
	if s.console, err = newConsole(f.log, level, stderr); err != nil {
		return s, fail(err)
	}
	config.Logger = s.Logger
	if f.metrics != "" {
		if s.monitor, err = newMonitor(f.metrics, f.pprof); err != nil {
			return s, err
		}
	}
	if config.Storage, err = prepare(f.storage); err != nil {
		return s, fail(err)
	}
	if s.server, err = server.Listen(config); err != nil {
		return s, fail(err)
	}
	go func() { s.served <- s.server.Serve() }()
	if s.monitor != nil {
		s.monitor.serve(s.server, s.Logger)
	}
	s.announce(config)
	return s, nil
}

// prepare creates the default storage, and returns the full path of any.
func prepare(storage string) (string, error) {
	if storage == defaultStorage {
		if err := os.Mkdir(storage, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("storage: %w", err)
		}
	}
	if _, err := os.Stat(storage); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the storage %s does not exist: make the folder, or name another with --storage", storage)
	}
	return filepath.Abs(storage)
}

// announce says where the server listens, and warns of what is dangerous about it.
func (s *service) announce(config server.Config) {
	addr := s.server.Addr()
	if !isLoopback(addr) {
		s.printf(slog.LevelWarn, "WARNING: %s can be reached from other machines, and this wire knows neither authentication nor encryption: whoever reaches it can read, store and overwrite the files in %s", reach(addr), config.Storage)
	}
	if s.monitor != nil && !isLoopback(s.monitor.listener.Addr()) {
		s.printf(slog.LevelWarn, "WARNING: the metrics on %s can be read from other machines", reach(s.monitor.listener.Addr()))
	}
	if !config.Discard && unix.Faccessat(unix.AT_FDCWD, config.Storage, unix.W_OK|unix.X_OK, unix.AT_EACCESS) != nil {
		s.printf(slog.LevelWarn, "WARNING: user %d may not write to %s, so every upload will fail", os.Geteuid(), config.Storage)
	}
	text := fmt.Sprintf("serving on %v, pool %s, workers %d, storage %s", addr, config.Pool, config.Workers, config.Storage)
	if config.Discard {
		text += " (uploads are discarded)"
	}
	if s.monitor != nil {
		text += fmt.Sprintf(", metrics on http://%v/metrics", s.monitor.listener.Addr())
	}
	s.printf(slog.LevelInfo, "%s", text)
	s.notify(daemon.SdNotifyReady + "\nSTATUS=" + text)
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// reach describes an address that can be reached from outside.
func reach(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("port %d of every address of this machine", tcp.Port)
	}
	return addr.String()
}

// notify tells systemd, if it has started the server.
func (s *service) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.printf(slog.LevelWarn, "cannot tell systemd %q: %v", state, err)
	}
}

// wait obeys signals until the server has ended, and returns its error.
func (s *service) wait(signals <-chan os.Signal) (err error) {
	defer func() { err = s.end(err) }()
	for {
		select {
		case sig := <-signals:
			s.handle(sig)
		case err := <-s.down:
			return s.ended(err)
		case err := <-s.served:
			if !errors.Is(err, server.ErrClosed) {
				return fail(errors.Join(err, s.server.Shutdown(context.Background())))
			}
		}
	}
}

// handle obeys a signal. It does not wait.
func (s *service) handle(sig os.Signal) {
	switch sig {
	case syscall.SIGHUP:
		s.reopen()
	case syscall.SIGUSR1:
		var table strings.Builder
		writeStatus(&table, s.server.Stats(), time.Now())
		s.print(table.String())
	case syscall.SIGTTIN:
		s.resize("SIGTTIN", 1)
	case syscall.SIGTTOU:
		s.resize("SIGTTOU", -1)
	default:
		s.stop(sig)
	}
}

// resize changes how many workers there are.
func (s *service) resize(sig string, by int) {
	workers := s.server.Stats().Workers + by
	if err := s.server.Resize(workers); err != nil {
		s.printf(slog.LevelWarn, "%s: %v", sig, err)
		return
	}
	s.printf(slog.LevelInfo, "%s: workers %d", sig, workers)
}

// stop begins the drain the first time, and cuts it off the second. The third signal
// kills, in case a disk does not answer.
func (s *service) stop(sig os.Signal) {
	if s.cutOff != nil {
		s.printf(slog.LevelWarn, "%v again: cutting off what is left", sig)
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		s.cutOff()
		return
	}
	s.notify(daemon.SdNotifyStopping)
	s.printf(slog.LevelInfo, "%v: no more connections are taken; busy workers: %d, which have up to %v", sig, s.server.Stats().Busy(), s.drain)
	ctx, cancel := context.WithTimeout(context.Background(), s.drain)
	s.cutOff = cancel
	go func() { s.down <- s.server.Shutdown(ctx) }()
}

// ended reports the end after Shutdown has returned, and returns the command's error.
func (s *service) ended(err error) error {
	s.cutOff() // frees its timer
	stats := s.server.Stats()
	ok, bad := count(stats.Total())
	s.printf(slog.LevelInfo, "stopped after %v: requests ok %d, failed %d", time.Since(stats.Started).Round(time.Second), ok, bad)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &ending{cutOff, fmt.Errorf("not drained within %v: what was left was cut off", s.drain)}
	case errors.Is(err, context.Canceled):
		return &ending{cutOff, errors.New("not drained before the second signal: what was left was cut off")}
	}
	return fail(err)
}

// end closes the monitor and the log, and returns the command's error. It writes the
// error to the log; the caller writes it to standard error.
func (s *service) end(err error) error {
	err = errors.Join(err, fail(s.monitor.close()))
	if s.console == nil || s.file == nil {
		return err
	}
	if err != nil {
		s.Error("ended", "error", err)
	}
	return errors.Join(err, fail(s.file.close()))
}
