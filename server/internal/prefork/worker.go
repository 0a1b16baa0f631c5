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
	// Retire is closed when the worker should accept no more and end after its work.
	// Drain is closed, after Retire, when all workers are told so because the
	// supervisor ends. Quit is closed, after Drain, when it should end at once: a
	// grace has run out, or the supervisor is gone.
	Retire, Drain, Quit <-chan struct{}

	word *os.File
}

// Join returns the worker that this process was started as, or nil if a user started it.
// It is called first of all. The worker then ignores the signals that end a whole job,
// from a terminal or a service manager: the supervisor gets them too, and drains its
// workers.
func Join() (*Worker, error) {
	text, ok := os.LookupEnv(workerVariable)
	if !ok {
		return nil, nil
	}
	var info startInfo
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		return nil, fmt.Errorf("prefork: %s: %w", workerVariable, err)
	}
	if err := os.Unsetenv(workerVariable); err != nil {
		return nil, err
	}
	// SIGPIPE: writing to an output without a reader is an error, not the end.
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTTIN, syscall.SIGTTOU)
	// So that killall with the program's name reaches the supervisor alone. It may
	// fail without harm.
	_ = os.WriteFile("/proc/self/comm", []byte("poolworker"), 0)
	for fd := controlFD; fd < sharedFD+info.Shared; fd++ {
		unix.CloseOnExec(fd)
	}
	w := &Worker{Slot: info.Slot, Payload: info.Payload, word: os.NewFile(readyFD, "ready")}
	var err error
	if w.Listener, err = inherit(listenerFD); err != nil {
		return nil, errors.Join(fmt.Errorf("prefork: %w", err), w.Ready(err))
	}
	for i := range info.Shared {
		w.Shared = append(w.Shared, os.NewFile(uintptr(sharedFD+i), "shared"))
	}
	w.readOrders(os.NewFile(controlFD, "control"))
	return w, nil
}

// readOrders closes the worker's channels as the supervisor orders.
func (w *Worker) readOrders(control io.Reader) {
	retire, drain, quit := make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.Retire, w.Drain, w.Quit = retire, drain, quit
	retired := sync.OnceFunc(func() { close(retire) })
	drained := sync.OnceFunc(func() { retired(); close(drain) })
	go func() {
		defer close(quit)
		defer drained()
		for one := make([]byte, 1); ; {
			if _, err := control.Read(one); err != nil {
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

// Ready tells the supervisor that this worker is ready, or why it cannot be. It is called
// once.
func (w *Worker) Ready(err error) error {
	word := readyWord
	if err != nil {
		word = err.Error()
	}
	_, fault := io.WriteString(w.word, word)
	return errors.Join(fault, w.word.Close())
}
