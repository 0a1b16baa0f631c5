package load

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

	"poolbench/bench"
	"poolbench/bench/client"
)

// clientRole is a variable of the environment. It holds the client that Main is to be, as
// JSON.
const clientRole = "POOLBENCH_CLIENT"

// order is what a client's process is told, as a gob. Every order but taskStop is answered.
type order struct {
	Do task
	// At is when an op starts, which lies ahead: CLOCK_MONOTONIC, one clock for all
	// processes of a machine, in nanoseconds.
	At  int64
	Why string // of taskStop
}

type task int

const (
	taskPrepare task = iota + 1
	taskStart
	taskRelease
	taskStop // ends the op under way, if there is one
)

// answer is what a client's process says when it has done what it was told.
type answer struct {
	Sample bench.Sample // of taskStart
	Left   string       // of taskRelease: why the file could not be closed
}

// Main does nothing in a program that a user started. In one that was started as a client
// it is the client, and does not return. Call it before flags are read.
func Main() {
	text, ok := os.LookupEnv(clientRole)
	if !ok {
		return
	}
	// What ends a job reaches every process of it. The program that started this one
	// decides, and this one sees its end.
	signal.Ignore(os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	if err := serve(text, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve is the client that text describes. It returns when the other end of the orders is
// closed, even in the middle of an op: the kernel closes it for a process that was killed.
func serve(text string, in io.Reader, out io.Writer) error {
	c := client.Client{Budget: client.NewBudget(0)}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return fmt.Errorf("load: %s: %w", clientRole, err)
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
	var p *client.Prepared
	for o := range orders {
		var a answer
		switch o.Do {
		case taskPrepare:
			p = c.Prepare()
		case taskStart:
			var ended bool
			if a.Sample, ended = heed(p, o.At, orders); !ended {
				return nil
			}
		case taskRelease:
			if err := p.Close(); err != nil {
				a.Left = client.Brief(err)
			}
		case taskStop:
			continue // came when the op had just ended
		}
		if err := answers.Encode(a); err != nil {
			return fmt.Errorf("load: answer: %w", err)
		}
	}
	return nil
}

// heed does an op at a moment and obeys orders meanwhile. It reports false if the orders
// end before the op does.
func heed(p *client.Prepared, at int64, orders <-chan order) (bench.Sample, bool) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	done := make(chan bench.Sample, 1)
	go func() {
		await(at)
		done <- p.Do(ctx, instant(at))
	}()
	for {
		select {
		case s := <-done:
			return s, true
		case o, ok := <-orders:
			if !ok {
				return bench.Sample{}, false
			}
			cancel(errors.New(o.Why))
		}
	}
}

// monotonic reads CLOCK_MONOTONIC, in nanoseconds. Every Linux has it.
func monotonic() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return t.Nano()
}

// await returns when the clock reaches a moment. A timer of Go's may be a millisecond late,
// as it waits for whole ones.
func await(moment int64) {
	at := unix.NsecToTimespec(moment)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &at, nil) == unix.EINTR {
	}
}

// instant returns a moment of the clock as a time. A process that is paused between the two
// readings takes the moment for an earlier one: a duration since it may come out too long,
// never too short.
func instant(nanoseconds int64) time.Time {
	now := time.Now()
	return now.Add(time.Duration(nanoseconds - monotonic()))
}
