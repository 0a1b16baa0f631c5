package bench

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// clientRole, in the environment, makes Main be the client that it holds as JSON.
const clientRole = "POOLBENCH_CLIENT"

// order is what a client's process is told, as a gob. Each is answered, but stop.
type order struct {
	Do task
	// Gun, of fire, is the moment of the starting gun, which lies ahead:
	// CLOCK_MONOTONIC, one clock for all processes of a machine, in nanoseconds.
	Gun int64
	Why string // of stop
}

type task int

const (
	taskPark task = iota + 1
	taskFire
	taskLeave
	taskStop // ends the op under way, if there is one
)

// answer is what a client's process says when it has done what it was told.
type answer struct {
	Sample Sample // of fire
	Left   string // of leave: why the file could not be closed
}

// Main does nothing in a program that a user started. In one that was started as
// a client, for [ProcessClients], it is the client, and does not return. It has to
// be called before flags are read.
func Main() {
	text, ok := os.LookupEnv(clientRole)
	if !ok {
		return
	}
	// What ends a terminal's job, or a job in CI, reaches every process of it. It
	// is for the one that started this, whose end this one sees.
	signal.Ignore(os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if err := serve(text, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve is the client that text describes. It returns when there are no more
// orders, be it in the middle of an op: when their other end is closed, by the
// kernel for a process that is no more.
func serve(text string, in io.Reader, out io.Writer) error {
	client := Client{Budget: NewBudget(0)}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&client); err != nil {
		return fmt.Errorf("bench: %s: %w", clientRole, err)
	}
	orders := make(chan order)
	go func() {
		defer close(orders)
		for decoder := gob.NewDecoder(in); ; {
			var o order
			if err := decoder.Decode(&o); err != nil {
				return
			}
			orders <- o
		}
	}()
	answers := gob.NewEncoder(out)
	var p *parked
	for o := range orders {
		var a answer
		switch o.Do {
		case taskPark:
			p = client.park()
		case taskFire:
			var ended bool
			if a.Sample, ended = heed(p, o.Gun, orders); !ended {
				return nil
			}
		case taskLeave:
			if err := p.leave(); err != nil {
				a.Left = bare(err)
			}
		case taskStop:
			continue // came when the op had just ended
		}
		if err := answers.Encode(a); err != nil {
			return fmt.Errorf("bench: answer: %w", err)
		}
	}
	return nil
}

// heed does the op when it is time, with an ear to the orders. It reports false
// if these end before the op does.
func heed(p *parked, gun int64, orders <-chan order) (Sample, bool) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	done := make(chan Sample, 1)
	go func() {
		await(gun)
		done <- p.do(ctx, instant(gun))
	}()
	for {
		select {
		case s := <-done:
			return s, true
		case o, ok := <-orders:
			if !ok {
				return Sample{}, false
			}
			cancel(errors.New(o.Why))
		}
	}
}

// monotonic reads the clock that an order's Gun is of. Every Linux has it.
func monotonic() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return t.Nano()
}

// await returns when that clock has come to a moment. A timer of Go's may be late
// by a millisecond, as it waits in whole ones.
func await(moment int64) {
	at := unix.NsecToTimespec(moment)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &at, nil) == unix.EINTR {
	}
}

// instant returns that clock's moment as a time that durations can be taken from.
// A process that has to pause between the two readings takes the moment for an
// earlier one, so that a time from it can be too long, never too short.
func instant(nanoseconds int64) time.Time {
	now := time.Now()
	return now.Add(time.Duration(nanoseconds - monotonic()))
}
