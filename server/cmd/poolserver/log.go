package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
)

// logFile is a log file that can be reopened, after logrotate has renamed it. Its methods
// may be called from any goroutine.
type logFile struct {
	path string

	mu   sync.Mutex
	file *os.File
}

func openLog(path string) (*logFile, error) {
	file, err := appendTo(path)
	if err != nil {
		return nil, err
	}
	return &logFile{path: path, file: file}, nil
}

func appendTo(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Write(p)
}

// reopen switches to the file that has the log's name now. If that fails it keeps the old
// one.
func (l *logFile) reopen() error {
	file, err := appendTo(l.path)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.file
	l.file = file
	return old.Close()
}

func (l *logFile) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// console writes the command's messages: to standard error, and to the log if that is a
// file.
type console struct {
	*slog.Logger
	stderr io.Writer
	file   *logFile // nil if the log is standard error
}

func newConsole(path string, level slog.Level, stderr io.Writer) (*console, error) {
	c := &console{stderr: stderr}
	log := stderr
	if path != "" {
		file, err := openLog(path)
		if err != nil {
			return nil, fmt.Errorf("log: %w", err)
		}
		c.file, log = file, file
	}
	c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level}))
	return c, nil
}

// printf writes a message of one line.
func (c *console) printf(level slog.Level, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if c.file != nil {
		c.Log(context.Background(), level, text)
	}
	fmt.Fprintln(c.stderr, "poolserver:", text)
}

// print writes a text of several lines as it is.
func (c *console) print(text string) {
	if c.file != nil {
		_, _ = io.WriteString(c.file, text)
	}
	_, _ = io.WriteString(c.stderr, text)
}

// reopen reopens the log file and says so.
func (c *console) reopen() {
	if c.file == nil {
		c.printf(slog.LevelInfo, "SIGHUP: the log is standard error, which cannot be opened anew")
		return
	}
	if err := c.file.reopen(); err != nil {
		c.printf(slog.LevelError, "SIGHUP: cannot open the log anew, so the old one goes on: %v", err)
		return
	}
	c.printf(slog.LevelInfo, "SIGHUP: opened the log anew")
}
