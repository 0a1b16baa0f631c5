package proc

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
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
// has had, in bytes. The pages of files, which are those of the program, and
// which processes of one program share, count once. They need not all have had
// their most at one time.
func (p Processes) Peak() (int64, error) {
	var own, files uint64
	for _, pid := range p {
		proc, err := procfs.NewProc(pid)
		if err != nil {
			return 0, err
		}
		status, err := proc.NewStatus()
		if err != nil {
			return 0, err
		}
		own += status.VmHWM - min(status.RssFile, status.VmHWM)
		files = max(files, status.RssFile)
	}
	return int64(own + files), nil
}

// Tree is the number of a process, which stands for that and all that it has
// started, and those have. Zero is none, whose use of the machine is an error.
type Tree int

// CPU returns the CPU time that the processes have taken since they started,
// those that have ended included.
func (t Tree) CPU() (time.Duration, error) {
	processes, err := t.Processes()
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, pid := range processes {
		spent, err := Processes{pid}.CPU()
		if err == nil {
			var waited time.Duration
			waited, err = waitedFor(pid)
			sum += spent + waited
		}
		// What has ended since the tree was listed is in its parent's next time.
		if err != nil && pid == int(t) {
			return 0, err
		}
	}
	return sum, nil
}

// listing is a tree whose processes are listed once, which takes far longer than to
// read their clocks, and again when one has gone.
type Listing struct {
	Tree  Tree
	known Processes
}

// CPU is that of the tree.
func (l *Listing) CPU() (time.Duration, error) {
	var err error
	for range 2 {
		if l.known == nil {
			if l.known, err = l.Tree.Processes(); err != nil {
				return 0, err
			}
		}
		var spent, waited time.Duration
		if spent, err = l.known.CPU(); err == nil {
			// It is the supervisor whose children end.
			waited, err = waitedFor(int(l.Tree))
			return spent + waited, err
		}
		l.known = nil
	}
	return l.Tree.CPU()
}

// waitedFor returns the CPU time of the children of a process that have ended, to
// 10 ms.
func waitedFor(pid int) (time.Duration, error) {
	const tick = time.Second / 100 // USER_HZ, which is 100 wherever Go runs on Linux
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return 0, err
	}
	stat, err := proc.Stat()
	return time.Duration(stat.CUTime+stat.CSTime) * tick, err
}

// Peak is that of the processes there are.
func (t Tree) Peak() (peak int64, err error) {
	for range 5 { // one may end between being listed and being read
		var processes Processes
		if processes, err = t.Processes(); err != nil {
			return 0, err
		}
		if peak, err = processes.Peak(); err == nil {
			return peak, nil
		}
	}
	return 0, err
}

// processes lists the tree. A process that starts or ends meanwhile may be in it
// or not.
func (t Tree) Processes() (Processes, error) {
	if t <= 0 {
		return nil, errors.New("no process")
	}
	all := Processes{int(t)}
	for i := 0; i < len(all); i++ {
		// Each thread has children of its own.
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", all[i]))
		if err != nil {
			return nil, err
		}
		if i == 0 && len(threads) == 0 {
			return nil, fmt.Errorf("process %d has ended, or this kernel does not list children", t)
		}
		for _, thread := range threads {
			children, _ := os.ReadFile(thread) // the thread may have ended
			for word := range strings.FieldsSeq(string(children)) {
				if pid, err := strconv.Atoi(word); err == nil {
					all = append(all, pid)
				}
			}
		}
	}
	return all, nil
}

// ResetPeak makes the peak of each of the processes begin anew from what it has now.
// A process that has ended is no error.
func (p Processes) ResetPeak() error {
	var errs []error
	for _, pid := range p {
		err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ESRCH) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ResetPeak is that of the processes there are.
func (t Tree) ResetPeak() error {
	processes, err := t.Processes()
	if err != nil {
		return err
	}
	return processes.ResetPeak()
}

// FreeMemory gives back the memory that this process does not use. What it takes
// again costs page faults, so that this is no part of a visit.
func FreeMemory() {
	runtime.GC() // what a sync.Pool holds outlives one collection
	debug.FreeOSMemory()
}

// self is the clients' side.
func Self() Processes { return Processes{os.Getpid()} }

// States returns the letter of each process's state, as in /proc/PID/stat, or 0 where
// there is no process.
func (p Processes) States() []byte {
	states := make([]byte, len(p))
	for i, pid := range p {
		states[i] = stateOf(pid)
	}
	return states
}

// stateOf returns the letter of a process's state, or 0 if there is no process.
func stateOf(pid int) byte {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// A program's name, which comes before it, may have anything in it.
	_, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return append(rest, 0)[0]
}
