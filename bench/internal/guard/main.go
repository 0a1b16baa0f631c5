package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/bench/internal/proc"
	"poolbench/server/role"
)

// roleName is that of a guard, for package role.
const roleName = "guard"

// Main returns at once in a program that a user started. In one that [Start] started it is
// the guard, and does not return. It must be called before flags are parsed.
func Main() {
	var config Config
	ok, err := role.Of(roleName, &config)
	if !ok {
		return
	}
	if err == nil {
		err = watch(config, os.Stdin, json.NewEncoder(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "guard:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// watch runs the command until all its processes have ended, or lifeline ends and it has
// ended them.
func watch(config Config, lifeline io.Reader, answer *json.Encoder) error {
	// The command gets a signal when the thread that started it ends.
	runtime.LockOSThread()
	// The command must not inherit that signals are ignored. One that is caught has its
	// default in the command.
	signal.Notify(make(chan os.Signal, 1), unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP, unix.SIGPIPE)
	_, _ = unix.Setsid() // a signal to the benchmark's process group must not reach the guard
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return errors.Join(err, answer.Encode(message{Error: err.Error()}), os.RemoveAll(config.Remove))
	}
	family, out, err := start(config)
	if err != nil {
		return errors.Join(answer.Encode(message{Error: err.Error()}), os.RemoveAll(config.Remove))
	}
	if err := answer.Encode(message{Started: true}); err != nil {
		family.kill()
		return errors.Join(err, os.RemoveAll(config.Remove))
	}
	read := make(chan []string, 1)
	go func() {
		read <- follow(out, config, func() { _ = answer.Encode(message{Ready: true}) })
	}()
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		close(ended)
	}()
	family.await(ended, config)
	end := &End{How: family.how}
	select {
	case end.Last = <-read:
	case <-time.After(outputTime): // somebody outside of the family has the output open
	}
	// The end is told first, to whoever is still there: removing many files takes a while.
	_ = answer.Encode(message{End: end})
	return os.RemoveAll(config.Remove) // empty is no folder
}

// outputTime is how long the output may last beyond the last process.
const outputTime = time.Second

// await returns when all processes have ended. It ends them when ended is closed, or when
// the first has failed: what it leaves behind is no server then. A first process that ends
// well has only gone into the background.
func (f *family) await(ended <-chan struct{}, config Config) {
	select {
	case <-ended:
		f.stop(config.Signal, config.Grace)
		return
	case <-f.rootGone:
	}
	if f.how != wordsOf(0) {
		f.stop(config.Signal, config.Grace)
		return
	}
	select {
	case <-ended:
		f.stop(config.Signal, config.Grace)
	case <-f.gone:
	}
}

// family is the command's processes. Only the guard's children are its own to wait for,
// and each process that loses its parent becomes one.
type family struct {
	root     int
	rootGone chan struct{} // closed when the command's first process has ended
	gone     chan struct{} // closed when all have
	how      string        // how the first ended; may be read when rootGone is closed
}

// start starts the command and returns its processes and their output.
func start(config Config) (*family, *os.File, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	cmd := exec.Command(config.Args[0], config.Args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(environ(), config.Env...), in, in
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, nil, errors.Join(err, out.Close())
	}
	f := &family{root: cmd.Process.Pid, rootGone: make(chan struct{}), gone: make(chan struct{})}
	go f.reap()
	return f, out, nil
}

// environ returns the environment that the guard's owner has, but for a GOMAXPROCS: the
// guard has one of its own.
func environ() []string {
	return slices.DeleteFunc(role.Environ(), func(line string) bool { return strings.HasPrefix(line, gomaxprocs) })
}

// gomaxprocs begins a line of an environment.
const gomaxprocs = "GOMAXPROCS="

// reap waits for every child. A process is handed over before its parent counts as ended,
// so when there is no child there is no process.
func (f *family) reap() {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			close(f.gone)
			return
		case pid == f.root:
			f.how = wordsOf(status)
			close(f.rootGone)
		}
	}
}

func wordsOf(status unix.WaitStatus) string {
	if status.Signaled() {
		return "signal: " + status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}

// stop asks the first process to end, then all that it left behind, and kills whatever is
// there after the grace.
func (f *family) stop(signal syscall.Signal, grace time.Duration) {
	late := time.After(grace)
	select {
	case <-f.rootGone:
	default:
		_ = unix.Kill(f.root, signal)
		select {
		case <-f.rootGone:
		case <-late:
			f.kill()
			return
		}
	}
	f.signal(signal)
	select {
	case <-f.gone:
	case <-late:
		f.kill()
	}
}

// kill kills until nothing is left, because a process may fork while it is being listed. It
// gives up after a while: a process of another user cannot be killed.
func (f *family) kill() {
	const pause, patience = 10 * time.Millisecond, 10 * time.Second
	for begun := time.Now(); time.Since(begun) < patience; {
		_ = unix.Kill(-f.root, unix.SIGKILL) // its group, where children cannot be listed
		f.signal(unix.SIGKILL)
		select {
		case <-f.gone:
			return
		case <-time.After(pause):
		}
	}
}

func (f *family) signal(signal syscall.Signal) {
	processes, _ := proc.Tree{Root: os.Getpid(), Below: true}.Processes() // none if all have ended
	for _, pid := range processes {
		_ = unix.Kill(pid, signal)
	}
}
