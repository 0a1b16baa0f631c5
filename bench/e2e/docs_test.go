package e2e_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/journal"
	"poolbench/bench/session"
)

// The marks of a fenced block.
const (
	commands = "sh"       // run from the top to the bottom
	serve    = "sh serve" // one command, which serves until it is interrupted
	output   = "text"     // what a program prints
)

// block is a fenced block of a document.
type block struct {
	mark, text string
	line       int
}

var fence = regexp.MustCompile("(?ms)^```([a-z ]*)\n(.*?)^```$")

// blocks returns those of a document, and holds that there is no other place for a
// block of code to be, and no other mark.
func (d document) blocks(t *testing.T) []block {
	t.Helper()
	var all []block
	for _, at := range fence.FindAllStringSubmatchIndex(d.text, -1) {
		b := block{d.text[at[2]:at[3]], d.text[at[4]:at[5]], 1 + strings.Count(d.text[:at[0]], "\n")}
		require.Contains(t, []string{commands, serve, output}, b.mark, "%s:%d", d.path, b.line)
		if b.mark == output {
			assert.NotRegexp(t, `(?m)^\s*(\$ |make |go |bin/|sudo )`, b.text, "%s:%d: commands that are not run", d.path, b.line)
		}
		all = append(all, b)
	}
	rest := fence.ReplaceAllString(d.text, "")
	for _, wrong := range []string{"(?m)^.*```.*$", `(?m)^(    |\t).*$`} {
		assert.Empty(t, regexp.MustCompile(wrong).FindString(rest), "%s: a block without a fence, or a fence without a block", d.path)
	}
	return all
}

// Every block of commands in the documents is run, in one copy of the work tree. The
// variables that the Makefile takes from the environment make the matrix small, and a
// server of the documents has a free port, in place of the lab's address too. Apart from
// that the commands are those that a reader copies.
func TestDocsCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds every command, without the race detector that a short test is for")
	}
	t.Parallel()
	r := reader{dir: copyTree(t)}
	for _, d := range documents(t) {
		for _, b := range d.blocks(t) {
			switch b.mark {
			case commands:
				if program := missing(b.text); program != "" {
					t.Logf("%s:%d is not run: it needs %s", d.path, b.line, program)
					continue
				}
				r.run(t, b.text)
			case serve:
				r.serve(t, b.text)
			}
		}
		r.interrupt(t)
	}
	for _, name := range []string{session.TextName, "report.html", journal.FileName} {
		assert.FileExists(t, filepath.Join(r.dir, "results", name))
	}
	assert.FileExists(t, filepath.Join(r.dir, "doc/file_100mb.txt"))
	assert.Contains(t, r.output.String(), "vs base", "benchstat has compared something")
	assert.NotContains(t, r.output.String(), "syntax error")
	holdOptions(t, r)
}

// missing returns a program of others that the commands need and this machine lacks.
func missing(text string) string {
	for word, program := range map[string]string{"python3": "python3", "apache": apache} {
		if _, err := exec.LookPath(program); err != nil && strings.Contains(text, word) {
			return program
		}
	}
	return ""
}

// reader does what the documents say.
type reader struct {
	dir     string
	output  bytes.Buffer // of all commands
	serving []*exec.Cmd
	// replace has the lab's addresses, each before that of the server that serves in its
	// place. Of several with one port the last serves.
	replace []string
}

func (r *reader) command(t *testing.T, text string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", strings.NewReplacer(r.replace...).Replace(text))
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "BENCHFLAGS=-passes=1 -volume=1KiB -clients=5 -workers=5 -warmup=0", "TESTFLAGS=-run=^$",
		"GOFLAGS=-trimpath", // what was built in another copy need not be again
		"MAKEFLAGS=")        // of a make that runs this test
	return cmd
}

func (r *reader) run(t *testing.T, text string) string {
	t.Helper()
	out, err := r.command(t, text).CombinedOutput()
	require.NoError(t, err, "%s%s", text, out)
	r.output.Write(out)
	return string(out)
}

// serve returns when the server says where it serves.
func (r *reader) serve(t *testing.T, text string) {
	t.Helper()
	port := "8889" // unless it says otherwise
	if says := regexp.MustCompile(`--port (\d+)`).FindStringSubmatch(text); says != nil {
		port = says[1]
	}
	text = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(strings.TrimSpace(text), "127.0.0.1:0")
	if strings.HasPrefix(text, "bin/poolserver ") {
		text += " --port 0"
	}
	cmd := r.command(t, "exec "+text)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	r.serving = append(r.serving, cmd)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if at := regexp.MustCompile(`(?:serving on |http://)\S*:(\d+)`).FindStringSubmatch(lines.Text()); at != nil {
			r.replace = append([]string{"lab.example:" + port, "127.0.0.1:" + at[1]}, r.replace...) // the first counts
			go io.Copy(io.Discard, stderr)                                                          // a full pipe would stop the server
			return
		}
	}
	require.Fail(t, "it does not say where it serves", "%s", text)
}

// interrupt ends the servers of a document.
func (r *reader) interrupt(t *testing.T) {
	t.Helper()
	for _, cmd := range r.serving {
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		assert.NoError(t, cmd.Wait(), "%s", cmd)
	}
	r.serving, r.replace = nil, nil
}

// holdOptions holds that the documents have a row for each option of poolserver, and that
// every option that they name is one of a command.
func holdOptions(t *testing.T, r reader) {
	t.Helper()
	const (
		option = `--([a-z][a-z0-9-]+)`
		help   = `(?m)^ +(?:-h, )?` + option
	)
	text := everything(t)
	server := submatches(help, r.run(t, "bin/poolserver --help"))
	var rows []string
	for _, cell := range submatches("(?m)^\\| (`--[^|]*)\\|", text) {
		rows = append(rows, submatches(option, cell)...)
	}
	assert.ElementsMatch(t, server, append(rows, "help"), "options of poolserver")
	known := append(server, submatches(help, r.run(t, "for c in put get report compare gate; do bin/poolbench $c --help; done"))...)
	for _, name := range submatches("`"+option, text) {
		assert.Contains(t, known, name, "the documents name an option")
	}
}

// copyTree copies what git would put into a clone, with the changes that are not
// committed yet.
func copyTree(t *testing.T) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Skip("not a git work tree:", err)
	}
	dir := t.TempDir()
	for name := range bytes.SplitSeq(bytes.TrimRight(names, "\x00"), []byte{0}) {
		from, to := filepath.Join(root, string(name)), filepath.Join(dir, string(name))
		data, err := os.ReadFile(from)
		if os.IsNotExist(err) {
			continue // removed and not committed
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		info, err := os.Stat(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, data, info.Mode()))
	}
	return dir
}
