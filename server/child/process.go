package child

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"poolbench/server"
)

// stopTimeout is how long Stop waits for a server that has been told to end
// before it kills it. It has to suffice for removing a large storage folder.
const stopTimeout = 30 * time.Second

// Config says what a server in a process of its own is to be.
type Config struct {
	// Server is the server's configuration. Its Storage is not set: the server
	// makes a fresh folder and removes it when it ends, which it does also when
	// this process has been killed.
	Server server.Config
	// StorageIn is the folder in which that one is made. Empty is the temporary
	// disk.
	StorageIn string
	// GOMAXPROCS is that of the server's process. Zero is one for each CPU.
	GOMAXPROCS int
	// Log is the file that the server's log, and what a crash prints, is
	// appended to. A file that is empty when the server ends is removed by it.
	// No name is no log.
	Log string
	// LogLevel is the least level that is logged. Zero is info.
	LogLevel slog.Level
}

// Process is a server in a process of its own. It ends when Stop is called, when
// it fails, and when the process that started it ends, however that ends.
type Process struct {
	cmd      *exec.Cmd
	addr     string
	storage  *Storage
	lifeline *os.File      // the server ends when this end is closed
	done     chan struct{} // closed when the process has ended and been reaped
	err      error         // how it ended; may be read when done is closed
	stopped  bool
}

// Start starts this program again as a server and returns when that
// serves, or with the reason why it does not. The program's main or TestMain has
// to call [Main] first. The context bounds the start only.
func Start(ctx context.Context, config Config) (*Process, error) {
	p, answer, err := spawn(config)
	if err != nil {
		return nil, fmt.Errorf("child: start: %w", err)
	}
	defer answer.Close()
	// Without its lifeline the process ends and removes its storage.
	stop := context.AfterFunc(ctx, func() { _ = p.lifeline.Close() })
	err = p.handshake(answer)
	if !stop() {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return nil, fmt.Errorf("child: start: %w", errors.Join(err, p.end()))
	}
	return p, nil
}

// program is the file of this program, also if another lies at its path by now.
const program = "/proc/self/exe"

// spawn starts the process; what it says comes out of answer.
func spawn(config Config) (p *Process, answer *os.File, err error) {
	// A program that does not call Main is a test binary that is told to run no
	// test, and ends instead of starting servers without end.
	cmd := exec.Command(program, "-test.run=^$")
	cmd.Args[0] = os.Args[0]
	text, err := json.Marshal(config)
	if err != nil {
		return nil, nil, err
	}
	cmd.Env = append(os.Environ(), roleVariable+"="+string(text),
		"GOMAXPROCS="+strconv.Itoa(cmp.Or(config.GOMAXPROCS, runtime.NumCPU())))
	var theirs []io.Closer
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	if config.Log != "" {
		log, err := os.OpenFile(config.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return nil, nil, err
		}
		theirs = append(theirs, log)
		cmd.Stderr = log
	}
	stdin, lifeline, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	theirs = append(theirs, stdin)
	answer, stdout, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(err, lifeline.Close())
	}
	theirs = append(theirs, stdout)
	cmd.Stdin, cmd.Stdout = stdin, stdout
	if err := cmd.Start(); err != nil {
		return nil, nil, errors.Join(err, lifeline.Close(), answer.Close())
	}
	p = &Process{cmd: cmd, lifeline: lifeline, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, answer, nil
}

// handshake waits until the process is what it was told to be.
func (p *Process) handshake(answer io.Reader) error {
	var hello hello
	switch err := json.NewDecoder(answer).Decode(&hello); {
	case errors.Is(err, io.EOF):
		<-p.done
		return fmt.Errorf("the server's process ended before it was ready (%v); does the program call child.Main?", p.cmd.ProcessState)
	case err != nil:
		return err
	case hello.Error != "":
		return errors.New(hello.Error)
	}
	p.addr, p.storage = hello.Addr, newStorage(hello.Storage)
	return nil
}

// Addr returns the host and port that the server listens on.
func (p *Process) Addr() string { return p.addr }

// Storage returns the server's storage.
func (p *Process) Storage() *Storage { return p.storage }

// PID returns the process's number. It may be another process's after Done.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop ends the server, cuts off what it was doing, and returns when the process
// and its storage are gone. The error tells if the server had ended before, or
// badly. Stop may be called more than once, from one goroutine.
func (p *Process) Stop() error {
	var err error
	select {
	case <-p.done:
		err = fmt.Errorf("child: the server had ended before it was stopped: %v", p.cmd.ProcessState)
	default:
	}
	if p.stopped {
		return nil
	}
	p.stopped = true
	if late := p.end(); late != nil {
		err = late
	} else if err == nil && p.err != nil {
		err = fmt.Errorf("child: the server ended badly: %w", p.err)
	}
	// One that was killed has not removed its storage.
	return errors.Join(err, os.RemoveAll(p.storage.dir))
}

// end makes the process end and waits until it has.
func (p *Process) end() error {
	_ = p.lifeline.Close() // may be closed already
	select {
	case <-p.done:
		return nil
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("child: the server did not end within %v and was killed", stopTimeout)
	}
}
