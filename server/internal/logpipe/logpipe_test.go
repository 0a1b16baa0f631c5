package logpipe_test

import (
	"bytes"
	"log/slog"
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
		say  func(log *slog.Logger, pipe *bytes.Buffer)
	}{
		{"attributes of each kind", func(log *slog.Logger, _ *bytes.Buffer) {
			log.Info("transfer", "name", "a b\n.bin", "bytes", 8, "took", 1500*time.Microsecond, "ratio", 0.5, "ok", true)
		}},
		{"an attribute of all lines", func(log *slog.Logger, _ *bytes.Buffer) { log.With("a", 1).Warn("b", "c", 2) }},
		{"a group", func(log *slog.Logger, _ *bytes.Buffer) {
			log.With("a", 1).WithGroup("g").With("b", 2).Warn("c", "d", 3)
		}},
		{"a name of 8 KiB", func(log *slog.Logger, _ *bytes.Buffer) { log.Warn("a", "name", strings.Repeat("\x01", 8<<10)) }},
		{"nothing below the level", func(log *slog.Logger, _ *bytes.Buffer) { log.Debug("a") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}
			var want, got, pipe bytes.Buffer
			row.say(slog.New(slog.NewTextHandler(&want, options)), &pipe)
			row.say(slog.New(logpipe.NewHandler(&pipe, slog.LevelInfo)), &pipe)
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

func TestMinLevel(t *testing.T) {
	var sink bytes.Buffer
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		assert.Equal(t, level, logpipe.MinLevel(slog.New(slog.NewTextHandler(&sink, &slog.HandlerOptions{Level: level}))))
	}
	assert.Greater(t, logpipe.MinLevel(slog.New(slog.DiscardHandler)), slog.LevelError)
}
