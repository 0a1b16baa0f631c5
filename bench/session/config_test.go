package session

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/bench/target"
)

// head returns the configuration lines of a run with these flags.
func head(t *testing.T, side target.Side, args ...string) []string {
	t.Helper()
	var options plan.Options
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	options.Register(flags, []string{"thread"}, []string{"thread"})
	require.NoError(t, flags.Parse(args))
	texts := map[string]string{}
	flags.VisitAll(func(f *flag.Flag) { texts[f.Name] = f.Value.String() })
	return configLines("0123456789ab", texts, side, options.ClientPools)
}

// x/perf's reader accepts the head of a run without complaint, and each of our units has a
// unit line.
func TestHeadIsReadByBenchfmt(t *testing.T) {
	lines := append(head(t, target.Side{GOMAXPROCS: 2}), bench.UnitLines()...)
	reader := benchfmt.NewReader(strings.NewReader(strings.Join(lines, "\n")+"\nBenchmarkX-2 1 1 ns/op\n"), "head")
	config := map[string]string{}
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			assert.NoError(t, record)
		case *benchfmt.Result:
			for _, c := range record.Config {
				config[c.Key] = string(c.Value)
			}
		}
	}
	require.NoError(t, reader.Err())
	for _, key := range []string{"commit", "kernel", "cpus", "storage", "load-gomaxprocs", "sink", "op-timeout", "cell-timeout"} {
		assert.NotEmpty(t, config[key], key)
	}
	assert.Equal(t, "2", config["server-gomaxprocs"])
	assert.Equal(t, "on", config["verify"])
	assert.Equal(t, "1", config["warmup"])

	whole := bench.Result{Cell: bench.Cell{Op: bench.Upload}, LoadPeak: 1, ServerPeak: 1, Told: &bench.Told{},
		Rounds: []bench.Round{{Samples: []bench.Sample{{Wire: 1, FirstByte: 1, Done: 1}}, Makespan: 1, LoadCPU: 1, ServerCPU: 1}}}
	for _, m := range whole.Metrics() {
		if m.Unit != "ns/op" && m.Unit != "MB/s" {
			assert.NotNil(t, reader.Units().Get(m.Unit, "better"), "no unit line for %s", m.Unit)
		}
	}
	assert.Len(t, bench.UnitLines(), len(whole.Metrics())-2)
}

func TestConfigLines(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		side target.Side
		want []string
	}{
		{"clients", nil, target.Side{}, []string{"client-pool: thread"}},
		{"client processes", []string{"-client-pool=process"}, target.Side{}, []string{"client-pool: process", "client-gomaxprocs: 1"}},
		{"both", []string{"-client-pool=process,thread"}, target.Side{}, []string{"client-pool: process,thread", "client-gomaxprocs: 1"}},
		{"discard", nil, target.Side{GOMAXPROCS: 4, Discard: true}, []string{"storage: discard", "server-gomaxprocs: 4"}},
		{"folder", nil, target.Side{Storage: "/proc"}, []string{"storage: proc"}},
		{"remote", nil, target.Side{Target: "lab:8889"}, []string{"storage: unknown", "server-gomaxprocs: unknown", "target: lab:8889"}},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Subset(t, head(t, row.side, row.args...), row.want) })
	}
	assert.NotContains(t, head(t, target.Side{}), "client-gomaxprocs: 1", "there is no such process")
}

// The head says which wires there are, and what can be verified over them.
func TestHeadOfWires(t *testing.T) {
	const (
		a = "-server=a=sh {port}"
		b = "-server=b=sh {port}"
	)
	file := filepath.Join(t.TempDir(), "servers.toml")
	require.NoError(t, os.WriteFile(file, []byte("[c]\ncommand = 'sh {port}'\nwire = 'lab'\n"), 0o600))
	for _, row := range []struct {
		name         string
		args         []string
		wire, verify string
		comment      string
	}{
		{"ours", nil, "lab", "on", ""},
		{"all", []string{a, b, "-wire=http/x"}, "http/x", "downloads", "a, b"},
		{"some", []string{"-pool=thread,a", a, "-wire=http"}, "lab,http", "on", "a"},
		{"one by itself", []string{a, "-servers=" + file, "-wire=http"}, "http,lab", "downloads", "a, c"},
		{"the lab's wire", []string{"-pool=thread,a", a}, "lab", "on", "a"},
		{"read back", []string{a, "-verify=readback"}, "lab", "readback", ""},
		{"a control", []string{a, "-wire=http", "-control"}, "http", "downloads", "a, control"},
		{"nothing", []string{a, "-wire=http", "-verify=off"}, "http", "off", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := new(fake).plan(t, t.Context(), append(row.args, "-workers=1")...)
			require.NoError(t, err)
			s.Head()
			out := s.Out.(*strings.Builder).String()
			assert.Contains(t, out, "\nwire: "+row.wire+"\n")
			assert.Contains(t, out, "\nverify: "+row.verify+"\n")
			if row.comment == "" {
				assert.NotContains(t, out, "# verify:")
			} else {
				assert.Contains(t, out, "\n# verify: uploads to "+row.comment+" count as not verified, because nobody knows that these servers check them; -verify=readback does\n")
			}
		})
	}
}
