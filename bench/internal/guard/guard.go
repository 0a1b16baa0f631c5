package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"poolbench/bench/internal/proc"
	"poolbench/server/role"
)

// Config describes a command.
type Config struct {
	Name string   // precedes each line of its output in Log
	Args []string // the program and its arguments; no shell reads them
	Env  []string // added to this program's environment
	// Log is the file that its output is appended to, line by line. Empty is no log.
	Log string
	// Ready is a regular expression for a line of output. Empty is none.
	Ready string
	// Signal asks the command to end. What is left after Grace is killed.
	Signal syscall.Signal
	Grace  time.Duration
	// Remove is a folder to remove once all processes have ended. Empty is none.
	Remove string
}

// Process is a guarded command.
type Process struct {
	guard *role.Process
	ready chan struct{}
	done  chan struct{}
	end   End           // may be read when done is closed
	left  chan struct{} // closed when the guard has ended
}

// End says how a command ended.
type End struct {
	How  string   // exit status 1, signal: killed
	Last []string // its last lines of output
}

func (e End) String() string {
	if len(e.Last) == 0 {
		return e.How + ", without output"
	}
	return e.How + ", its last output: " + strings.Join(e.Last, " | ")
}

// message is a line from the guard.
type message struct {
	Error   string `json:",omitempty"` // why the command could not be started
	Started bool   `json:",omitempty"`
	Ready   bool   `json:",omitempty"`
	End     *End   `json:",omitempty"` // the last
}

// Start starts a command. The program's main or TestMain must call [Main] first.
func Start(config Config) (*Process, error) {
	if n, set := os.LookupEnv("GOMAXPROCS"); set {
		config.Env = append([]string{gomaxprocs + n}, config.Env...)
	}
	guard, err := role.Start(roleName, config, 1, os.Stderr)
	if err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	p := &Process{guard: guard, ready: make(chan struct{}), done: make(chan struct{}), left: make(chan struct{}), end: End{How: "its guard has ended"}}
	messages := json.NewDecoder(guard.Out)
	var first message
	if err := messages.Decode(&first); err != nil {
		first.Error = "its guard did not answer: does the program call guard.Main?"
	}
	go p.follow(messages)
	if !first.Started {
		_ = p.Stop()
		return nil, errors.New(first.Error)
	}
	return p, nil
}

// follow reads messages until the guard has ended.
func (p *Process) follow(messages *json.Decoder) {
	for {
		var m message
		if messages.Decode(&m) != nil {
			break
		}
		if m.Ready {
			close(p.ready)
		}
		if m.End != nil {
			p.end = *m.End
			close(p.done)
			break
		}
	}
	_ = p.guard.Cmd.Wait() // the messages have told all
	_ = p.guard.Out.Close()
	close(p.left)
	select {
	case <-p.done:
	default:
		close(p.done) // the guard was killed
	}
}

// Tree is all processes of the command, without the guard.
func (p *Process) Tree() proc.Tree { return proc.Tree{Root: p.guard.Cmd.Process.Pid, Below: true} }

// Ready returns a channel that is closed when a line of output has matched.
func (p *Process) Ready() <-chan struct{} { return p.ready }

// Done returns a channel that is closed when all processes have ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// End returns how the command ended, once Done is closed.
func (p *Process) End() End { return p.end }

// Stop ends all processes and returns how the command ended, once the guard is gone too and
// has removed what it was to remove. It may be called more than once, from one goroutine.
func (p *Process) Stop() End {
	_ = p.guard.In.Close() // may be closed already
	<-p.left
	<-p.done
	return p.end
}
