package prefork

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
)

// launcher starts the process of a slot. It stands for the operating system.
type launcher interface {
	launch(slot int) (process, error)
}

// process is a worker's process. ready and wait are each called once, from goroutines of
// their own; the supervisor's owner calls the rest.
type process interface {
	pid() int
	// ready waits until the worker is ready, or returns why it is not.
	ready() error
	// retire, drain and quit give an order; see Worker.
	retire()
	drain()
	quit()
	// kill sends SIGKILL, unless it has ended.
	kill()
	// wait returns how the process ended, once it has been reaped and its output read
	// to the end.
	wait() string
}

// workerVariable, in the environment, makes a process a worker. It holds a startInfo as
// JSON.
const workerVariable = "POOLBENCH_WORKER"

// startInfo is what a worker is told when it is started.
type startInfo struct {
	Slot    int
	Payload []byte
	Shared  int // number of shared files
}

// The descriptors that a worker is started with, beyond the standard three.
const (
	listenerFD = 3 + iota
	controlFD  // orders come from it
	readyFD    // the worker says there that it is ready
	sharedFD   // the first shared file
)

// The orders, a byte each. The order to quit is the end of the pipe.
const (
	retireOrder = 'r'
	drainOrder  = 'd'
)

// readyWord is what a ready worker says. Anything else is an error's text.
const readyWord = "ready"

// program is this program's open file. Its path may lead to another one by now.
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
	text, err := json.Marshal(startInfo{Slot: slot, Payload: s.payload, Shared: len(s.shared)})
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
	// A program that forgets to call Join ends, as it does not know the flag.
	argv := []string{os.Args[0], fmt.Sprintf("-worker=%d", slot)}
	// Of two variables of one name, Environ returns the last.
	env := (&exec.Cmd{Env: slices.Concat(os.Environ(), s.env, []string{workerVariable + "=" + string(text)})}).Environ()
	pid, _, err := syscall.StartProcess(program, argv, &syscall.ProcAttr{Env: env, Files: files})
	if err != nil {
		pipes.closeOurs()
		return nil, fmt.Errorf("start %s: %w", os.Args[0], err)
	}
	handle, err := os.FindProcess(pid)
	if err != nil {
		pipes.closeOurs() // ends it
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

// pipe is a pipe with one end for each process.
type pipe struct{ ours, theirs *os.File }

// pipes collects the pipes of one process, and the errors of making them.
type pipes struct {
	all []pipe
	err error
}

func (p *pipes) keep(one pipe, err error) pipe {
	p.err = errors.Join(p.err, err)
	p.all = append(p.all, one)
	return one
}

// in makes a pipe that the worker reads.
func (p *pipes) in() pipe {
	theirs, ours, err := os.Pipe()
	return p.keep(pipe{ours, theirs}, err)
}

// out makes a pipe that the worker writes to.
func (p *pipes) out() pipe {
	ours, theirs, err := os.Pipe()
	return p.keep(pipe{ours, theirs}, err)
}

// null opens the null device for the worker to read.
func (p *pipes) null() pipe {
	theirs, err := os.Open(os.DevNull)
	return p.keep(pipe{nil, theirs}, err)
}

// closeTheirs closes the ends that only the worker may hold. A pipe that could not be
// made has nil files, whose Close does nothing.
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
	control *os.File      // closing it is the order to quit
	word    *os.File      // says that the worker is ready, or why not
	drained chan struct{} // closed when the output has been read
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

// Writing an order never blocks: the pipe has room for more than there are.

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
