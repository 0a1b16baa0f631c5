package bench

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// Processes are the numbers of processes on this machine whose use of it is
// measured together.
type Processes []int

// CPU returns the CPU time that the processes have taken since they started,
// their threads that have ended included.
func (p Processes) CPU() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range p {
		// The number of a process's CPU clock is made from its own, as
		// clock_getcpuclockid(3) makes it. It counts nanoseconds, where
		// /proc/PID/stat counts ticks of 10 ms.
		const sched = 2
		var t unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|sched), &t); err != nil {
			return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
		}
		sum += time.Duration(t.Nano())
	}
	return sum, nil
}

// Peak returns the sum of the most resident memory that each of the processes
// has had, in bytes. It is an upper bound of what they had at any one time.
func (p Processes) Peak() (int64, error) {
	var sum int64
	for _, pid := range p {
		proc, err := procfs.NewProc(pid)
		if err != nil {
			return 0, err
		}
		status, err := proc.NewStatus()
		if err != nil {
			return 0, err
		}
		sum += int64(status.VmHWM)
	}
	return sum, nil
}

// ResetPeak gives back the memory that this process does not use, and makes its
// peak begin anew from what is left.
func ResetPeak() error {
	debug.FreeOSMemory()
	f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("5")
	return errors.Join(err, f.Close())
}

// self is the clients' side.
func self() Processes { return Processes{os.Getpid()} }
