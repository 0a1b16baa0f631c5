package plan_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
)

func TestCommand(t *testing.T) {
	t.Setenv("POOLBENCH_HOME", "/srv/a b")
	values := plan.Placeholders{Host: "127.0.0.1", Port: 4000, Workers: 5, Storage: "/tmp/x y", Log: "out.log"}
	tests := []struct {
		name, given string
		words       []string
	}{
		{"plain", "mine=sh server.sh -p {port}", []string{"sh", "server.sh", "-p", "4000"}},
		{"within a word", "mine=sh --listen={host}:{port} {workers}x{workers}", []string{"sh", "--listen=127.0.0.1:4000", "5x5"}},
		{"a value with a blank stays a word", "mine=sh {port} {storage} {log}", []string{"sh", "4000", "/tmp/x y", "out.log"}},
		{"quotes", `mine=sh -c 'exec x "$1" {port}' "a  b" c\ d`, []string{"sh", "-c", `exec x "$1" 4000`, "a  b", "c d"}},
		{"a variable", `mine=sh "$POOLBENCH_HOME" {port}`, []string{"sh", "/srv/a b", "4000"}},
		{"a name with a minus, and = in the command", "py-thread=sh --port={port}", []string{"sh", "--port=4000"}},
		{"other braces", "mine=sh {port} {} ${POOLBENCH_NONE}x", []string{"sh", "4000", "{}", "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o, err := parse("-workers=5", "-server", test.given)
			require.NoError(t, err)
			require.Len(t, o.Commands, 1)
			assert.Equal(t, test.words, values.Replace(o.Commands[0].Words))
			assert.Equal(t, test.given, o.Commands[0].String())
			assert.Equal(t, []string{o.Commands[0].Name}, o.Pools)
		})
	}
}

func TestPoolsOfCommands(t *testing.T) {
	a, b := "-server=a=sh {port} {workers}", "-server=b=sh {port} {workers}"
	tests := []struct {
		name  string
		args  []string
		pools []string
	}{
		{"none", nil, []string{"thread", "process"}},
		{"in the order given", []string{b, a}, []string{"b", "a"}},
		{"with ours", []string{"-pool=thread,a", a}, []string{"thread", "a"}},
		{"before the command", []string{a, "-pool=process,a"}, []string{"process", "a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o, err := parse(test.args...)
			require.NoError(t, err)
			assert.Equal(t, test.pools, o.Pools)
		})
	}
}

func TestCommandThatIsRefused(t *testing.T) {
	server := func(text string) []string { return []string{"-workers=5", "-server", text} }
	tests := []struct {
		name string
		args []string
		err  string
	}{
		{"no name", server("python3 {port}"), "want NAME=COMMAND"},
		{"a bad name", server("a b=sh {port}"), `"a b" is no name for a server: want a letter`},
		{"a name like a number of processors", server("a-2=sh {port}"), `"a-2" is no name`},
		{"ours", server("thread=sh {port}"), "there is a pool thread already"},
		{"control", server("control=sh {port}"), `"control" is no name for a server: it has a meaning`},
		{"empty", server("a="), "a: the command is empty"},
		{"a quote is open", server("a=sh 'x {port}"), "a: the command cannot be split into words"},
		{"a command within", server("a=sh $(ls) {port}"), "a: the command cannot be split into words"},
		{"no port", server("a=sh {host}"), "a: the command has no {port}"},
		{"an unknown placeholder", server("a=sh {port} {dir}"), "a: unknown placeholder {dir}: known are {host} {port} {workers} {storage} {log}"},
		{"no such program", server("a=no-such-program {port}"), `a: exec: "no-such-program": executable file not found in $PATH`},
		{"twice", append(server("a=sh {port}"), "-server", "a=sh {port}"), "there is a pool a already"},
		{"several workers without a placeholder", []string{"-server=a=sh {port}"}, "-server a: the command has no {workers}"},
		{"an unknown pool", []string{"-pool=thred"}, `-pool: there is no pool "thred"; known are thread, process, goroutine`},
		{"left out by -pool", append(server("a=sh {port}"), "-pool=thread"), "-pool leaves out a"},
		{"our log", server("server=sh {port}"), `"server" is no name for a server`},
		{"discarded, and read back", []string{"-storage=discard", "-verify=readback"}, "-storage=discard stores nothing"},
		{"discarded", append(server("a=sh {port}"), "-storage=discard"), "-storage=discard is for our own servers"},
		{"with a target", append(server("a=sh {port}"), "-target=lab:8889"), "-workers is for a server that we start"},
		{"with a target only", []string{"-server=a=sh {port} {workers}", "-target=lab:8889"}, "-server starts servers, and -target names one that runs"},
		{"a wire of nobody", []string{"-wire=http"}, "-wire is for the servers of -server, -servers and -target, and there are none"},
		{"an unknown wire", []string{"-wire=ftp"}, `invalid value "ftp" for flag -wire: unknown; known are lab, http`},
		{"no file", []string{"-servers=/no/such/file"}, "open /no/such/file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse(test.args...)
			assert.ErrorContains(t, err, test.err)
		})
	}
}

func TestCommandsFile(t *testing.T) {
	t.Run("a part of a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "servers.toml")
		require.NoError(t, os.WriteFile(path, []byte("a.command = 'sh {workers}'\na.env = { PORT = '{port}' }\n[b]\ncommand = 'sh {port} {workers}'\n"), 0o600))
		o, err := parse("-servers="+path, "-pool=thread,a")
		require.NoError(t, err)
		require.Len(t, o.Commands, 1)
		values := plan.Placeholders{Port: 4000}
		assert.Equal(t, []string{"PORT=4000"}, values.Replace(o.Commands[0].Env))
	})
	const whole = `
[py]
command = "sh server.sh --port {port} --workers {workers}"
ready = "^listening"
start = "1m"
stop = { signal = "INT", grace = "2s" }
env = { B = "2", A = "one two" }
wire = "http/files"
workers = [1, 5]

[other]
command = "sh {port} {workers}"
`
	tests := []struct{ name, text, err string }{
		{"whole", whole, ""},
		{"empty", "", "names no server"},
		{"no TOML", "[py", "toml: line 1"},
		{"an unknown key", "[py]\ncommand='sh {port}'\nport=1", "unknown key py.port"},
		{"an unknown key within", "[py]\ncommand='sh {port}'\nstop={kill='INT'}", "unknown key py.stop.kill"},
		{"no table", "command='sh {port}'", "toml:"},
		{"no command", "[py]\nready='x'", "py: the command is empty"},
		{"a bad pattern", "[py]\ncommand='sh {port}'\nready='('", "py: ready: error parsing regexp"},
		{"a bad time", "[py]\ncommand='sh {port}'\nstart='soon'", `py: start: "soon" is not a positive time`},
		{"a bad grace", "[py]\ncommand='sh {port}'\nstop={grace='-1s'}", `py: stop.grace: "-1s" is not a positive time`},
		{"a bad signal", "[py]\ncommand='sh {port}'\nstop={signal='STOPP'}", `py: stop.signal: unknown signal "STOPP"`},
		{"a bad wire", "[py]\ncommand='sh {port}'\nwire='ftp'", `py: wire: "ftp": unknown; known are lab, http`},
		{"no workers", "[py]\ncommand='sh {port}'\nworkers=[0]", "py: workers: 0: want different whole numbers from 1"},
		{"workers twice", "[py]\ncommand='sh {port}'\nworkers=[5,5]", "py: workers: 5: want different"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "servers.toml")
			require.NoError(t, os.WriteFile(path, []byte(test.text), 0o600))
			o, err := parse("-servers", path)
			if test.err != "" {
				assert.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{"py", "other"}, o.Pools)
			py := o.Commands[0]
			assert.Equal(t, "^listening", py.Ready)
			assert.Equal(t, time.Minute, py.Start)
			assert.Equal(t, syscall.SIGINT, py.Signal)
			assert.Equal(t, 2*time.Second, py.Grace)
			assert.Equal(t, []string{"A=one two", "B=2"}, py.Env)
			assert.Equal(t, bench.Wire("http/files"), py.Wire)
			assert.Equal(t, bench.LabWire, o.Commands[1].Wire)
			assert.Equal(t, `A=one two B=2 http/files py=sh server.sh --port {port} --workers {workers}`, py.String())
			assert.True(t, py.Supports(5))
			assert.False(t, py.Supports(50))
			assert.True(t, o.Commands[1].Supports(50))
			assert.Equal(t, syscall.SIGTERM, o.Commands[1].Signal)
		})
	}
}

func TestWireOfCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "servers.toml")
	require.NoError(t, os.WriteFile(file, []byte("[own]\ncommand = 'sh {port} {workers}'\nwire = 'lab'\n"), 0o600))
	for _, row := range []struct {
		name  string
		args  []string
		wires []bench.Wire
	}{
		{"default", []string{"-server=a=sh {port} {workers}"}, []bench.Wire{bench.LabWire}},
		{"for all without one", []string{"-wire=http", "-server=a=sh {port} {workers}", "-servers", file}, []bench.Wire{bench.HTTPWire, bench.LabWire}},
		{"behind them", []string{"-server=a=sh {port} {workers}", "-wire=http/x/"}, []bench.Wire{"http/x"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, err := parse(row.args...)
			require.NoError(t, err)
			var wires []bench.Wire
			for _, c := range o.Commands {
				wires = append(wires, c.Wire)
			}
			assert.Equal(t, row.wires, wires)
		})
	}
	o, err := parse("-target=lab:8889", "-wire=http")
	require.NoError(t, err)
	assert.Equal(t, bench.HTTPWire, o.Wire)
}

// A command may have several lines in a file, but has one in what is printed.
func TestCommandInLines(t *testing.T) {
	o, err := parse("-workers=5", "-server=a=sh {port}\n  'x\ty'\r\n  z")
	require.NoError(t, err)
	assert.Equal(t, "a=sh {port}   'x\ty'   z", o.Commands[0].String())
	assert.Equal(t, []string{"sh", "4000", "x\ty", "z"}, (plan.Placeholders{Port: 4000}).Replace(o.Commands[0].Words))
}
