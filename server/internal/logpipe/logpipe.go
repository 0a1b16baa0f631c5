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
	"strconv"
	"strings"
	"time"
)

// handler writes each record as a line of JSON.
type handler struct {
	w     io.Writer
	level slog.Level
	attrs []attr // of every record
	group string // prefix of keys, with its dot
}

// record is a slog.Record as JSON.
type record struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Attrs   []attr
}

// attr is a slog.Attr as JSON. Integers and durations keep their kind; values of any
// other are read as text.
type attr struct {
	Key  string
	Kind slog.Kind
	Text string
}

// NewHandler returns a handler that writes to a pipe, for Copy to read at its other end.
// Records below the level are not written. A record is one Write, and loggers that are
// used at the same time write at the same time, as an os.File allows.
func NewHandler(w io.Writer, level slog.Level) slog.Handler { return &handler{w: w, level: level} }

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		with.attrs = append(with.attrs, h.attr(a))
	}
	return &with
}

func (h *handler) WithGroup(name string) slog.Handler {
	with := *h
	with.group += name + "."
	return &with
}

func (h *handler) attr(a slog.Attr) attr {
	return attr{Key: h.group + a.Key, Kind: a.Value.Kind(), Text: a.Value.String()}
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	attrs := slices.Clone(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, h.attr(a))
		return true
	})
	line, err := json.Marshal(record{r.Time, r.Level, r.Message, attrs})
	if err != nil {
		return err
	}
	_, err = h.w.Write(append(line, '\n'))
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
		r.AddAttrs(slog.Attr{Key: a.Key, Value: a.value()})
	}
	return r, true
}

// value returns the value whose String is the text.
func (a attr) value() slog.Value {
	switch a.Kind {
	case slog.KindInt64:
		if n, err := strconv.ParseInt(a.Text, 10, 64); err == nil {
			return slog.Int64Value(n)
		}
	case slog.KindDuration:
		if d, err := time.ParseDuration(a.Text); err == nil {
			return slog.DurationValue(d)
		}
	}
	return slog.StringValue(a.Text)
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
