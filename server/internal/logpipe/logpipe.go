package logpipe

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

// handler writes each record as a line of JSON.
type handler struct {
	level slog.Level
	attrs []slog.Attr
	group string // prefix of keys, with its dot

	*output
}

type output struct {
	mu sync.Mutex
	w  io.Writer
}

// NewHandler returns a handler that writes to a pipe, for Copy to read at its other end.
// Records below the level are not written.
func NewHandler(w io.Writer, level slog.Level) slog.Handler {
	return &handler{level: level, output: &output{w: w}}
}

// record is a slog.Record as JSON.
type record struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Attrs   []attr
}

// attr keeps integers and durations. Any other kind becomes text.
type attr struct {
	Key    string
	Kind   slog.Kind
	Number int64  `json:",omitempty"`
	Text   string `json:",omitempty"`
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		with.attrs = append(with.attrs, slog.Attr{Key: h.group + a.Key, Value: a.Value})
	}
	return &with
}

func (h *handler) WithGroup(name string) slog.Handler {
	with := *h
	with.group += name + "."
	return &with
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	line := record{Time: r.Time, Level: r.Level, Message: r.Message}
	add := func(prefix string, a slog.Attr) {
		attr := attr{Key: prefix + a.Key, Kind: a.Value.Kind()}
		switch attr.Kind {
		case slog.KindInt64:
			attr.Number = a.Value.Int64()
		case slog.KindDuration:
			attr.Number = int64(a.Value.Duration())
		default:
			attr.Kind, attr.Text = slog.KindString, a.Value.String()
		}
		line.Attrs = append(line.Attrs, attr)
	}
	for _, a := range h.attrs {
		add("", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		add(h.group, a)
		return true
	})
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err = h.w.Write(append(text, '\n'))
	return err
}

// Copy passes what a worker's handler writes to the log, until the end of the pipe. A
// line that is not a record comes from a crash or a library, and is logged as text.
func Copy(log *slog.Logger, r io.Reader, worker int) {
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
	var parsed record
	if json.Unmarshal(line, &parsed) != nil || parsed.Time.IsZero() {
		return slog.Record{}, false
	}
	r := slog.NewRecord(parsed.Time, parsed.Level, parsed.Message, 0)
	for _, a := range parsed.Attrs {
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

// MinLevel returns the lowest of slog's levels that a logger writes. If it writes none,
// the result is above all of them.
func MinLevel(log *slog.Logger) slog.Level {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if log.Enabled(context.Background(), level) {
			return level
		}
	}
	return math.MaxInt
}
