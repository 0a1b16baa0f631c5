package load

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/oom"
	"poolbench/server/role"
)

// ClientGOMAXPROCS is the GOMAXPROCS of a client process, which moves one file at a time.
const ClientGOMAXPROCS = 1

// clientProcess is a client in its own process. It lives until end is called or this
// process ends, however that happens.
type clientProcess struct {
	cmd     *exec.Cmd
	stdin   *os.File
	orders  *gob.Encoder // to stdin
	stdout  *os.File
	answers *gob.Decoder // from stdout
	stderr  firstLine
}

// startClient starts this program again as a client.
func startClient(c *client.Client) (*clientProcess, error) {
	p := &clientProcess{}
	started, err := role.Start(roleName, c, ClientGOMAXPROCS, &p.stderr)
	if err != nil {
		return nil, err
	}
	p.cmd, p.stdin, p.stdout = started.Cmd, started.In, started.Out
	p.orders, p.answers = gob.NewEncoder(p.stdin), gob.NewDecoder(p.stdout)
	return p, nil
}

// send gives an order. If that fails, hear fails too.
func (p *clientProcess) send(o order) { _ = p.orders.Encode(o) }

// hear waits for the answer to an order.
func (p *clientProcess) hear(until time.Time) (answer, error) {
	var a answer
	if err := p.stdout.SetReadDeadline(until); err != nil {
		return a, err
	}
	return a, p.answers.Decode(&a)
}

// end ends the process, if it is still alive.
func (p *clientProcess) end() {
	// A client has nothing to clean up, and a stopped process reacts to SIGKILL only.
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // "signal: killed"
	_ = p.stdin.Close()
	_ = p.stdout.Close()
}

// endAfter ends a process that failed to answer with err, and returns why.
func (p *clientProcess) endAfter(err error, memory *oom.Watcher) bench.Failure {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if ended {
		_ = p.cmd.Wait() // keeps the status with which it ended
	}
	p.end()
	state := p.cmd.ProcessState
	status := state.Sys().(syscall.WaitStatus)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return bench.Failure{Reason: bench.TimeoutClient, Detail: "its process did not answer and was killed"}
	case !ended:
		return bench.Failure{Reason: bench.LocalError, Detail: "its process: " + client.Brief(err)}
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
		return bench.Failure{Reason: bench.ClientKilled, Detail: memory.Verdict(p.cmd.Process.Pid)}
	case status.Signaled():
		return bench.Failure{Reason: bench.ClientKilled, Detail: state.String()}
	case state.Success():
		return bench.Failure{Reason: bench.LocalError, Detail: "its process exited by itself; does the program call load.Main?"}
	case bytes.HasPrefix(p.stderr.text, []byte("SIG")):
		// Go catches signals of faults and limits, prints them, and exits.
		return bench.Failure{Reason: bench.ClientKilled, Detail: string(p.stderr.text)}
	case p.stderr.text != nil:
		return bench.Failure{Reason: bench.LocalError, Detail: fmt.Sprintf("its process: %v: %q", state, p.stderr.text)}
	}
	return bench.Failure{Reason: bench.LocalError, Detail: fmt.Sprintf("its process: %v", state)}
}

// firstLine keeps the first line written to it, shortened if too long. For a crashing Go
// program that is the cause.
type firstLine struct {
	text  []byte
	whole bool
}

func (l *firstLine) Write(b []byte) (int, error) {
	const maxLength = 200
	if !l.whole {
		line, _, ended := bytes.Cut(b, []byte("\n"))
		l.text = append(l.text, line[:min(len(line), maxLength-len(l.text))]...)
		l.whole = ended
	}
	return len(b), nil
}
