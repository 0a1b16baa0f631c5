package logpipe_test

import (
	"bytes"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/server/internal/logpipe"
)

// A worker's records read in the supervisor's log as if they had been written there, and
// its other output is there too.
func TestCopy(t *testing.T) {
	for _, row := range []struct {
		name string
		say  func(log *slog.Logger)
	}{
		{"attributes of each kind", func(log *slog.Logger) {
			log.Info("transfer", "name", "a b\n.bin", "bytes", 8, "took", 1500*time.Microsecond, "ratio", 0.5, "ok", true)
		}},
		{"an attribute of all lines", func(log *slog.Logger) { log.With("a", 1).Warn("b", "c", 2) }},
		{"a group", func(log *slog.Logger) {
			log.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").Warn("c", "d", 3)
		}},
		{"two loggers of one", func(log *slog.Logger) {
			log = log.With("a", 1).With("b", 2).With("c", 3) // so that a slice has room for one more
			one, other := log.With("d", 4), log.With("d", 5)
			one.Warn("e")
			other.Warn("e", "f", 6)
			one.Warn("e")
		}},
		{"a name of 8 KiB", func(log *slog.Logger) { log.Warn("a", "name", strings.Repeat("\x01", 8<<10)) }},
		{"nothing below the level", func(log *slog.Logger) { log.Debug("a") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}
			var want, got, pipe bytes.Buffer
			row.say(slog.New(slog.NewTextHandler(&want, options)))
			row.say(slog.New(logpipe.NewHandler(&pipe, slog.LevelInfo)))
			logpipe.Copy(slog.New(slog.NewTextHandler(&got, options)), &pipe, 3)
			assert.Equal(t, want.String(), got.String())
		})
	}
	var got bytes.Buffer
	said := "panic: at the disco\n\n{}x\n{}\n" + `{"Time":"2026-01-02T03:04:05Z","Message":7}` + "\nno end"
	logpipe.Copy(slog.New(slog.NewTextHandler(&got, nil)), strings.NewReader(said), 3)
	for _, want := range []string{`text="panic: at the disco"`, `worker=3 text={}x`, "text={}\n", `\"Message\":7}"`, `text="no end"`} {
		assert.Contains(t, got.String(), want)
	}
	assert.Equal(t, 5, strings.Count(got.String(), "\n"))
}

// Integers and durations are numbers in a log of JSON, not text.
func TestKinds(t *testing.T) {
	var got, pipe bytes.Buffer
	slog.New(logpipe.NewHandler(&pipe, slog.LevelInfo)).Info("transfer", "bytes", int64(math.MinInt64),
		"took", 1234567890123*time.Nanosecond, "longest", time.Duration(math.MaxInt64), "none", time.Duration(0), "name", "8")
	logpipe.Copy(slog.New(slog.NewJSONHandler(&got, nil)), &pipe, 3)
	assert.Contains(t, got.String(), `"bytes":-9223372036854775808,"took":1234567890123,"longest":9223372036854775807,"none":0,"name":"8"`)
}

func TestMinLevel(t *testing.T) {
	var sink bytes.Buffer
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		assert.Equal(t, level, logpipe.MinLevel(slog.New(slog.NewTextHandler(&sink, &slog.HandlerOptions{Level: level}))))
	}
	assert.Greater(t, logpipe.MinLevel(slog.New(slog.DiscardHandler)), slog.LevelError)
}
