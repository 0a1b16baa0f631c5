package prefork

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
)

// launcher is the operating system as the supervisor sees it: it starts the
// process of a slot.
type launcher interface {
	launch(slot int) (process, error)
}

// process is a worker's process, as the supervisor sees it. ready and wait are
// each called once, from goroutines of their own; the rest by the supervisor's.
type process interface {
	pid() int
	// ready waits for the worker's word: nil if it is ready, or why it is not.
	ready() error
	// retire, drain and quit give it an order, as Worker has them.
	retire()
	drain()
	quit()
	// kill ends it, unless it has ended.
	kill()
	// wait waits until the process has ended and been reaped and everything that
	// it had written has been read, closes what belonged to it, and says how it
	// ended.
	wait() string
}

// marker, in the environment, makes a process a worker. It holds an invitation.
const marker = "POOLBENCH_WORKER"

// invitation is what a worker is told when it is started.
type invitation struct {
	Slot    int
	Payload []byte
	Shared  int // how many shared files it got
}

// The descriptors that a worker is started with, beside the standard three.
const (
	listenerFD = 3 + iota
	controlFD  // to read orders from; its end is the supervisor's
	readyFD    // to say that it is ready
	sharedFD   // the first of them
)

// The orders, a byte each. That to quit is the end of the pipe.
const (
	retireOrder = 'r'
	drainOrder  = 'd'
)

// readyWord is what a worker that is ready says. Anything else is why it is not.
const readyWord = "ready"

// program is the file of this program, also if another lies at its path by now.
const program = "/proc/self/exe"

// system starts real processes: this program again.
type system struct {
	listener *Listener
	shared   []int // descriptors
	payload  []byte
	env      []string
	output   func(slot int, r io.Reader)
}

func (s *system) launch(slot int) (process, error) {
	text, err := json.Marshal(invitation{Slot: slot, Payload: s.payload, Shared: len(s.shared)})
	if err != nil {
		return nil, err
	}
	var pipes pipes
	defer pipes.closeTheirs()
	stdin, control, ready, output := pipes.null(), pipes.in(), pipes.out(), pipes.out()
	if pipes.err != nil {
		pipes.closeOurs()
		return nil, pipes.err
	}
	// Not an exec.Cmd, which would take the socket as an os.File.
	files := []uintptr{stdin.theirs.Fd(), output.theirs.Fd(), output.theirs.Fd(),
		uintptr(s.listener.fd), control.theirs.Fd(), ready.theirs.Fd()}
	for _, fd := range s.shared {
		files = append(files, uintptr(fd))
	}
	// A program that forgot to call Join does not know the flag and ends.
	argv := []string{os.Args[0], fmt.Sprintf("-worker=%d", slot)}
	env := environment(append(slices.Clone(s.env), marker+"="+string(text))...)
	pid, _, err := syscall.StartProcess(program, argv, &syscall.ProcAttr{Env: env, Files: files})
	if err != nil {
		pipes.closeOurs()
		return nil, fmt.Errorf("start %s: %w", os.Args[0], err)
	}
	handle, err := os.FindProcess(pid)
	if err != nil {
		pipes.closeOurs() // so that it ends, as nobody holds its control
		return nil, err
	}
	c := &child{Process: handle, control: control.ours, word: ready.ours, drained: make(chan struct{})}
	go func() {
		defer close(c.drained)
		s.output(slot, output.ours)
		_ = output.ours.Close()
	}()
	return c, nil
}

// environment is this process's with the additions in the place of what has
// their names. Of two with one name a program would see the first.
func environment(additions ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(additions, func(a string) bool { return strings.HasPrefix(a, name+"=") })
	})
	return append(env, additions...)
}

// pipe is a pipe of which one end is the worker's.
type pipe struct{ ours, theirs *os.File }

// pipes are what one process is started with. It keeps the first error.
type pipes struct {
	all []pipe
	err error
}

func (p *pipes) keep(one pipe, err error) pipe {
	p.err = errors.Join(p.err, err)
	p.all = append(p.all, one)
	return one
}

// in makes a pipe that the worker reads from.
func (p *pipes) in() pipe {
	theirs, ours, err := os.Pipe()
	return p.keep(pipe{ours, theirs}, err)
}

// out makes a pipe that the worker writes to.
func (p *pipes) out() pipe {
	ours, theirs, err := os.Pipe()
	return p.keep(pipe{ours, theirs}, err)
}

// null opens what has nothing to read.
func (p *pipes) null() pipe {
	theirs, err := os.Open(os.DevNull)
	return p.keep(pipe{nil, theirs}, err)
}

// closeTheirs closes the ends that only the worker is to hold. A file that could
// not be made is nil, which can be closed, to no effect.
func (p *pipes) closeTheirs() {
	for _, pipe := range p.all {
		_ = pipe.theirs.Close()
	}
}

func (p *pipes) closeOurs() {
	for _, pipe := range p.all {
		_ = pipe.ours.Close()
	}
}

// child is a real process.
type child struct {
	*os.Process
	control *os.File      // its end is the order to end at once
	word    *os.File      // that the worker says that it is ready by
	drained chan struct{} // closed when its output has been read
}

func (c *child) pid() int { return c.Pid }

func (c *child) ready() error {
	defer c.word.Close()
	word, err := io.ReadAll(io.LimitReader(c.word, 4096))
	switch {
	case err != nil:
		return err
	case len(word) == 0:
		return errors.New("ended before it was ready")
	case string(word) != readyWord:
		return errors.New(string(word))
	}
	return nil
}

// An order cannot block: the pipe has room for more than there are.

func (c *child) retire() { _, _ = c.control.Write([]byte{retireOrder}) }
func (c *child) drain()  { _, _ = c.control.Write([]byte{drainOrder}) }
func (c *child) quit()   { _ = c.control.Close() }
func (c *child) kill()   { _ = c.Kill() }

func (c *child) wait() string {
	state, err := c.Wait()
	c.quit() // closes our end
	<-c.drained
	if err != nil {
		return err.Error()
	}
	return state.String()
}
