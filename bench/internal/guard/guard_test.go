package guard_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"poolbench/bench/internal/guard"
	"poolbench/server/role"
)

// owner is the role of a program that starts a guarded command and is then killed.
const owner = "guardowner"

func TestMain(m *testing.M) {
	guard.Main()
	var config guard.Config
	if ok, err := role.Of(owner, &config); ok {
		own(config, err)
	}
	goleak.VerifyTestMain(m)
}

// own starts the command, says so, and waits for its end.
func own(config guard.Config, err error) {
	if err == nil {
		var p *guard.Process
		if p, err = guard.Start(config); err == nil {
			<-p.Ready()
			os.Stdout.WriteString("ready\n")
			select {}
		}
	}
	os.Stdout.WriteString(err.Error() + "\n")
	os.Exit(1)
}

// shell is a command that a shell reads. Its log is in a folder of the test.
func shell(t *testing.T, script string) guard.Config {
	t.Helper()
	return guard.Config{
		Name: "mine", Args: []string{"sh", "-c", script}, Log: filepath.Join(t.TempDir(), "log"),
		Ready: "^ready", Signal: syscall.SIGTERM, Grace: time.Minute,
	}
}

func TestEnd(t *testing.T) {
	tests := []struct {
		name, script string
		stop         bool // when it is ready
		signal       syscall.Signal
		grace        time.Duration
		how          string
		last         []string
	}{
		{name: "by itself", script: "echo one; echo two >&2; exit 3", how: "exit status 3", last: []string{"one", "two"}},
		{name: "the last lines only", script: "seq 9", how: "exit status 0", last: []string{"7", "8", "9"}},
		{name: "without output", script: "exit 1", how: "exit status 1"},
		{name: "fails and leaves a child", script: "sleep 1000 & exit 3", how: "exit status 3"},
		{name: "killed", script: "kill -9 $$", how: "signal: killed"},
		{name: "by its signal", script: "trap 'echo bye; exit 4' USR1; echo ready; while :; do sleep .01; done", stop: true, signal: syscall.SIGUSR1, how: "exit status 4", last: []string{"ready", "bye"}},
		{name: "by the default of its signal", script: "echo ready; exec sleep 1000", stop: true, how: "signal: terminated", last: []string{"ready"}},
		{name: "ignores its signal", script: "trap '' TERM; echo ready; while :; do sleep .01; done", stop: true, grace: time.Millisecond, how: "signal: killed", last: []string{"ready"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := shell(t, test.script)
			if test.signal != 0 {
				config.Signal = test.signal
			}
			if test.grace != 0 {
				config.Grace = test.grace
			}
			p, err := guard.Start(config)
			require.NoError(t, err)
			if test.stop {
				<-p.Ready()
				p.Stop()
			}
			<-p.Done()
			assert.Equal(t, guard.End{How: test.how, Last: test.last}, p.End())
			assert.Equal(t, p.End(), p.Stop(), "after the end")
			log, _ := os.ReadFile(config.Log) // none without output
			for _, line := range test.last {
				assert.Contains(t, string(log), "mine: "+line+"\n")
			}
		})
	}
}

func TestCommandThatCannotStart(t *testing.T) {
	config := shell(t, "")
	config.Args, config.Remove = []string{"/no/such/program"}, t.TempDir()
	_, err := guard.Start(config)
	assert.EqualError(t, err, "fork/exec /no/such/program: no such file or directory")
	assert.NoDirExists(t, config.Remove)
}

// fugitive leaves processes behind in every way that gets them out of a process group and
// away from their parents. Each says its PID.
const fugitive = `
: > "$LOG"
sh -c 'echo pid $$; exec sleep 1000' &
setsid sh -c 'echo pid $$; exec sleep 1000' &
(setsid sh -c 'echo pid $$; (setsid sh -c "echo pid \$\$; trap : TERM; while :; do sleep 1; done" &)' &)
while [ $(grep -c pid "$LOG") -lt 4 ]; do sleep .01; done
echo ready
`

func TestNothingIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		rest string // of the script
		end  func(t *testing.T, config guard.Config)
	}{
		"stopped":                         {"exec sleep 1000", stopped},
		"stopped after its parent's end":  {"exit 0", stopped},
		"its owner is killed":             {"exec sleep 1000", killed},
		"owner is killed, parent is gone": {"exit 0", killed},
	} {
		t.Run(name, func(t *testing.T) {
			config := shell(t, fugitive+test.rest)
			config.Env, config.Grace, config.Remove = append(config.Env, "LOG="+config.Log), 50*time.Millisecond, t.TempDir()
			test.end(t, config)
			log, err := os.ReadFile(config.Log)
			require.NoError(t, err)
			pids := 0
			for line := range strings.Lines(string(log)) {
				if number, is := strings.CutPrefix(strings.TrimSpace(line), "mine: pid "); is {
					pids++
					pid, err := strconv.Atoi(number)
					require.NoError(t, err)
					assert.ErrorIs(t, unix.Kill(pid, 0), unix.ESRCH, line)
				}
			}
			assert.Equal(t, 4, pids, string(log))
			assert.NoDirExists(t, config.Remove)
		})
	}
}

func stopped(t *testing.T, config guard.Config) {
	p, err := guard.Start(config)
	require.NoError(t, err)
	<-p.Ready()
	running, err := p.Tree().Processes()
	require.NoError(t, err)
	assert.NotEmpty(t, running)
	p.Stop()
	_, err = p.Tree().Processes()
	assert.Error(t, err)
}

// killed has an owner start the command, and kills it.
func killed(t *testing.T, config guard.Config) {
	p, err := role.Start(owner, config, 1, os.Stderr)
	require.NoError(t, err)
	said := make([]byte, 100)
	n, err := p.Out.Read(said)
	require.NoError(t, err)
	require.Equal(t, "ready\n", string(said[:n]))
	require.NoError(t, p.Cmd.Process.Kill())
	_ = p.Cmd.Wait()
	require.NoError(t, p.In.Close())
	require.NoError(t, p.Out.Close())
	require.Eventually(t, func() bool {
		_, err := os.Stat(config.Remove) // the last thing that a guard does
		return os.IsNotExist(err)
	}, time.Minute, 5*time.Millisecond)
}
