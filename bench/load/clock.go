package load

import (
	"time"

	"golang.org/x/sys/unix"
)

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
