package load

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/server/role"
)

// roleName is that of a client, for package role.
const roleName = "client"

// order is what a client process is told, as a gob. Every order except taskStop is
// answered.
type order struct {
	Do task
	// At is when an op starts, in the future: nanoseconds of CLOCK_MONOTONIC, which all
	// processes of a machine share.
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

// answer is what a client process says when it has carried out an order.
type answer struct {
	Sample bench.Sample // of taskStart
	Left   string       // of taskRelease: why closing the file failed
}

// Main does nothing in a program that a user started. In a client process it runs the
// client and does not return. Call it before flags are parsed.
func Main() {
	c := client.Client{Budget: client.NewBudget(0)}
	ok, err := role.Of(roleName, &c)
	if !ok {
		return
	}
	if err == nil {
		err = serve(&c, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs the client. It returns when the stream of orders ends, even in the middle of
// an op: the kernel closes it if the parent was killed.
func serve(c *client.Client, in io.Reader, out io.Writer) error {
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
			if a.Sample, ended = doOrdered(p, o.At, orders); !ended {
				return nil
			}
		case taskRelease:
			if err := p.Close(); err != nil {
				a.Left = client.Brief(err)
			}
		case taskStop:
			continue // the op had just ended
		}
		if err := answers.Encode(a); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return nil
}

// doOrdered does an op at the given moment and obeys orders meanwhile. It reports false if
// the orders end before the op does.
func doOrdered(p *client.Prepared, at int64, orders <-chan order) (bench.Sample, bool) {
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

// await returns when the clock reaches a moment. A Go timer may be a millisecond late,
// because it waits for whole milliseconds.
func await(moment int64) {
	at := unix.NsecToTimespec(moment)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &at, nil) == unix.EINTR {
	}
}

// instant converts a moment of the clock to a time. If the process is paused between the
// two readings, the result is too early: a duration since it may come out too long, never
// too short.
func instant(nanoseconds int64) time.Time {
	now := time.Now()
	return now.Add(time.Duration(nanoseconds - monotonic()))
}
