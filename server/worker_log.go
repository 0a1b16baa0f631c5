package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// logWriter is the log of a worker process. It writes each record as a line of JSON,
// which readLog in the supervisor passes to the server's logger. So one process writes
// the server's log, whatever the pool.
type logWriter struct {
	level slog.Level
	attrs []slog.Attr
	group string // prefix of keys, with its dot

	*logOutput
}

type logOutput struct {
	mu sync.Mutex
	w  io.Writer
}

func newLogWriter(w io.Writer, level slog.Level) *logWriter {
	return &logWriter{level: level, logOutput: &logOutput{w: w}}
}

// logRecord is a slog.Record as JSON.
type logRecord struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Attrs   []logAttr
}

// logAttr keeps the kinds that the server logs. Any other kind becomes text.
type logAttr struct {
	Key    string
	Kind   slog.Kind
	Number int64  `json:",omitempty"`
	Text   string `json:",omitempty"`
}

func (l *logWriter) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

func (l *logWriter) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *l
	with.attrs = slices.Clone(l.attrs)
	for _, a := range attrs {
		with.attrs = append(with.attrs, slog.Attr{Key: l.group + a.Key, Value: a.Value})
	}
	return &with
}

func (l *logWriter) WithGroup(name string) slog.Handler {
	with := *l
	with.group += name + "."
	return &with
}

func (l *logWriter) Handle(_ context.Context, r slog.Record) error {
	record := logRecord{Time: r.Time, Level: r.Level, Message: r.Message}
	add := func(prefix string, a slog.Attr) {
		attr := logAttr{Key: prefix + a.Key, Kind: a.Value.Kind()}
		switch attr.Kind {
		case slog.KindInt64:
			attr.Number = a.Value.Int64()
		case slog.KindDuration:
			attr.Number = int64(a.Value.Duration())
		default:
			attr.Kind, attr.Text = slog.KindString, a.Value.String()
		}
		record.Attrs = append(record.Attrs, attr)
	}
	for _, a := range l.attrs {
		add("", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		add(l.group, a)
		return true
	})
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.w.Write(append(line, '\n'))
	return err
}

// readLog passes what a worker process writes to the log, until its end. A line that is
// not a record comes from a crash or a library, and is logged as text.
func readLog(worker int, r io.Reader, log *slog.Logger) {
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if record, ok := parseRecord(line); !ok {
				log.Error("a worker's output", "worker", worker, "text", strings.ToValidUTF8(string(line), "?"))
			} else if log.Enabled(context.Background(), record.Level) {
				_ = log.Handler().Handle(context.Background(), record)
			}
		}
		if err != nil {
			return
		}
	}
}

func parseRecord(line []byte) (slog.Record, bool) {
	var record logRecord
	if json.Unmarshal(line, &record) != nil || record.Time.IsZero() {
		return slog.Record{}, false
	}
	r := slog.NewRecord(record.Time, record.Level, record.Message, 0)
	for _, a := range record.Attrs {
		switch a.Kind {
		case slog.KindInt64:
			r.AddAttrs(slog.Int64(a.Key, a.Number))
		case slog.KindDuration:
			r.AddAttrs(slog.Duration(a.Key, time.Duration(a.Number)))
		default:
			r.AddAttrs(slog.String(a.Key, a.Text))
		}
	}
	return r, true
}

// minLevel returns the lowest of slog's levels that a logger writes. If it writes none,
// the result is above all of them.
func minLevel(log *slog.Logger) slog.Level {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if log.Enabled(context.Background(), level) {
			return level
		}
	}
	return math.MaxInt
}
