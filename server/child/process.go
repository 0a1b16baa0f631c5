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
	"time"

	"poolbench/server"
	"poolbench/server/role"
)

// Config describes a server in a process of its own.
type Config struct {
	// Server is the server's configuration. Its Storage is ignored: the server
	// creates a folder and removes it at its end, even if this process has been
	// killed.
	Server server.Config
	// StorageIn is the folder in which the storage is created. Empty is the system's
	// folder for temporary files.
	StorageIn string
	// GOMAXPROCS is that of the server's process. Zero is one for each CPU.
	GOMAXPROCS int
	// Log is the file that the server's log, and the output of a crash, are appended
	// to. If it is empty in the end, the server removes it. No name is no log.
	Log string
	// LogLevel is the lowest level that is logged. Zero is info.
	LogLevel slog.Level
	// StopTimeout is how long Stop waits for the server before it kills it. Removing a
	// large storage takes a while. Zero is 30 s.
	StopTimeout time.Duration
}

// Process is a server in a process of its own. It ends when Stop is called, when it fails,
// and with the process that started it.
type Process struct {
	cmd      *exec.Cmd
	addr     string
	storage  *Storage
	lifeline *os.File      // the server ends when this end is closed
	done     chan struct{} // closed when the process has ended and been reaped
	err      error         // how it ended; may be read when done is closed
	patience time.Duration // of Stop
	stopped  bool
}

// Start starts this program again, as a server. It returns when the server serves, or why
// it does not. The program's main or TestMain must call [Main] first. The context bounds
// the start only.
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

// spawn starts the process and returns it with its standard output.
func spawn(config Config) (p *Process, answer *os.File, err error) {
	var log io.Writer
	if config.Log != "" {
		file, err := os.OpenFile(config.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return nil, nil, err
		}
		defer file.Close()
		log = file
	}
	started, err := role.Start(roleName, config, cmp.Or(config.GOMAXPROCS, runtime.NumCPU()), log)
	if err != nil {
		return nil, nil, err
	}
	p = &Process{cmd: started.Cmd, lifeline: started.In, done: make(chan struct{}), patience: cmp.Or(config.StopTimeout, 30*time.Second)}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, started.Out, nil
}

// handshake waits until the process serves, or returns why it does not.
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
	p.addr, p.storage = hello.Addr, NewStorage(hello.Storage)
	return nil
}

// Addr returns the host and port that the server listens on.
func (p *Process) Addr() string { return p.addr }

// Storage returns the server's storage.
func (p *Process) Storage() *Storage { return p.storage }

// PID returns the process's number. After Done, another process may have it.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// End says how the process ended, such as "signal: killed", once Done is closed.
func (p *Process) End() string { return p.cmd.ProcessState.String() }

// Stop ends the server, cuts off its transfers, and returns when the process and its
// storage are gone. It returns an error if the server had ended before, or badly. Stop may
// be called more than once, from one goroutine.
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
	// A killed server has not removed its storage.
	return errors.Join(err, os.RemoveAll(p.storage.dir))
}

// end tells the process to end, and waits for that.
func (p *Process) end() error {
	_ = p.lifeline.Close() // may be closed already
	select {
	case <-p.done:
		return nil
	case <-time.After(p.patience):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("child: the server did not end within %v and was killed", p.patience)
	}
}
