package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
)

// logFile is a log that can be opened anew under its name after logrotate has
// given its file another one. Its methods may be called from any goroutine.
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

// reopen goes on in the file that has the log's name now. If that can't be
// opened it goes on in the old one.
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

// voice is how the command speaks: to the log, and to whoever sees its standard
// error.
type voice struct {
	*slog.Logger
	stderr io.Writer
	file   *logFile // nil if the log is standard error
}

func newVoice(path string, level slog.Level, stderr io.Writer) (*voice, error) {
	v := &voice{stderr: stderr}
	log := stderr
	if path != "" {
		file, err := openLog(path)
		if err != nil {
			return nil, fmt.Errorf("log: %w", err)
		}
		v.file, log = file, file
	}
	v.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level}))
	return v, nil
}

// say says a line to people, and to the log if that is not what they see anyway.
func (v *voice) say(level slog.Level, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if v.file != nil {
		v.Log(context.Background(), level, text)
	}
	fmt.Fprintln(v.stderr, "poolserver:", text)
}

// show writes a text of several lines to where say does.
func (v *voice) show(text string) {
	if v.file != nil {
		_, _ = io.WriteString(v.file, text)
	}
	_, _ = io.WriteString(v.stderr, text)
}

// reopen opens the log anew and says so.
func (v *voice) reopen() {
	if v.file == nil {
		v.say(slog.LevelInfo, "SIGHUP: the log is standard error, which cannot be opened anew")
		return
	}
	if err := v.file.reopen(); err != nil {
		v.say(slog.LevelError, "SIGHUP: cannot open the log anew, so the old one goes on: %v", err)
		return
	}
	v.say(slog.LevelInfo, "SIGHUP: opened the log anew")
}
