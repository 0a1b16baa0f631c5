package prefork

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Worker is this process in the role of a worker.
type Worker struct {
	Slot     int
	Payload  []byte
	Listener *Listener
	Shared   []*os.File // as Config.Shared
	// Retire is closed when the worker is to take no more work, and to end when
	// it has none. Drain is closed, after Retire, when the others have been told
	// so too, as the supervisor ends. Quit is closed, after Drain, when it is to
	// end at once: the supervisor is gone, or has lost its patience.
	Retire, Drain, Quit <-chan struct{}

	word *os.File
}

// Join returns the worker that this process was started as, or nil if it was
// started by a user. It is called first of all. Signals that end a whole job, as
// those of a terminal or of a service that is stopped, do not reach a worker from
// then on, but for SIGKILL: they are for the supervisor, which drains its workers.
func Join() (*Worker, error) {
	text, ok := os.LookupEnv(marker)
	if !ok {
		return nil, nil
	}
	var invited invitation
	if err := json.Unmarshal([]byte(text), &invited); err != nil {
		return nil, fmt.Errorf("prefork: %s: %w", marker, err)
	}
	if err := os.Unsetenv(marker); err != nil {
		return nil, err
	}
	// Writing to an output whose reader is gone is an error and not the end.
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTTIN, syscall.SIGTTOU)
	// What is sent to all processes of the program's name is for the supervisor
	// alone, too. If it fails, the worker is as good as before.
	_ = os.WriteFile("/proc/self/comm", []byte("poolworker"), 0)
	for fd := controlFD; fd < sharedFD+invited.Shared; fd++ {
		unix.CloseOnExec(fd)
	}
	w := &Worker{Slot: invited.Slot, Payload: invited.Payload, word: os.NewFile(readyFD, "ready")}
	var err error
	if w.Listener, err = inherit(listenerFD); err != nil {
		return nil, errors.Join(fmt.Errorf("prefork: %w", err), w.Ready(err))
	}
	for i := range invited.Shared {
		w.Shared = append(w.Shared, os.NewFile(uintptr(sharedFD+i), "shared"))
	}
	w.obey(os.NewFile(controlFD, "control"))
	return w, nil
}

// obey reads the supervisor's orders until its end.
func (w *Worker) obey(control io.Reader) {
	retire, drain, quit := make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.Retire, w.Drain, w.Quit = retire, drain, quit
	retired := sync.OnceFunc(func() { close(retire) })
	drained := sync.OnceFunc(func() { retired(); close(drain) })
	go func() {
		defer close(quit)
		defer drained()
		for one := make([]byte, 1); ; {
			if n, err := control.Read(one); err != nil || n == 0 {
				return
			}
			if one[0] == retireOrder {
				retired()
			} else {
				drained()
			}
		}
	}()
}

// Ready tells the supervisor that this worker is ready, or why it can't be. It is
// called once.
func (w *Worker) Ready(err error) error {
	word := readyWord
	if err != nil {
		word = err.Error()
	}
	_, fault := io.WriteString(w.word, word)
	return errors.Join(fault, w.word.Close())
}
