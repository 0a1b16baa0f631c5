package proc

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// Processes are PIDs on this machine whose use is measured as a whole.
type Processes []int

// CPU returns the CPU time of the processes since they started, including threads that
// have ended.
func (p Processes) CPU() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range p {
		// This derives the ID of the process's CPU clock as clock_getcpuclockid(3) does. It
		// counts nanoseconds, where /proc/PID/stat counts ticks of 10 ms.
		const sched = 2
		var t unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|sched), &t); err != nil {
			return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
		}
		sum += time.Duration(t.Nano())
	}
	return sum, nil
}

// Peak returns the sum of the processes' peak resident memory, in bytes. The peaks need not
// be at the same time. File pages count once: they are mostly the program, which processes
// of one program share.
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

// Tree stands for a process and all its descendants. The zero Tree is none, and asking
// about it is an error.
type Tree struct {
	Root int // PID
	// Below leaves the root itself out, for a root that only watches over what it started.
	Below bool
}

// CPU returns the CPU time of the processes since they started, including those that have
// ended.
func (t Tree) CPU() (time.Duration, error) {
	processes, err := t.Processes()
	if err != nil {
		return 0, err
	}
	sum, err := waitedFor(t.Root)
	if err != nil {
		return 0, err
	}
	for _, pid := range processes {
		spent, err := Processes{pid}.CPU()
		if err == nil && pid != t.Root {
			var waited time.Duration
			waited, err = waitedFor(pid)
			spent += waited
		}
		switch {
		case err == nil:
			sum += spent
		case pid == t.Root:
			return 0, err
		}
		// Any other process that has ended since the tree was listed is counted by its
		// parent next time.
	}
	return sum, nil
}

// Listing is a tree that is listed once, and again only by ResetPeak, or if a process has
// gone. Listing takes far longer than reading the clocks. A tree below its root is listed
// every time, because nobody knows when such servers start a process.
type Listing struct {
	Tree
	known Processes
}

// CPU is as [Tree.CPU].
func (l *Listing) CPU() (time.Duration, error) {
	if l.Below {
		return l.Tree.CPU()
	}
	var err error
	for range 2 {
		if l.known == nil {
			if l.known, err = l.Tree.Processes(); err != nil {
				return 0, err
			}
		}
		var spent, waited time.Duration
		if spent, err = l.known.CPU(); err == nil {
			// Only the supervisor's children end.
			waited, err = waitedFor(l.Root)
			return spent + waited, err
		}
		l.known = nil
	}
	return l.Tree.CPU()
}

// ResetPeak lists the tree, and is as [Processes.ResetPeak].
func (l *Listing) ResetPeak() (err error) {
	if l.known, err = l.Tree.Processes(); err != nil {
		return err
	}
	return l.known.ResetPeak()
}

// waitedFor returns the CPU time of a process's children that have ended, to 10 ms.
func waitedFor(pid int) (time.Duration, error) {
	const tick = time.Second / 100 // USER_HZ, which is 100 wherever Go runs on Linux
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return 0, err
	}
	stat, err := proc.Stat()
	return time.Duration(stat.CUTime+stat.CSTime) * tick, err
}

// Peak is as [Processes.Peak], for the processes alive.
func (t Tree) Peak() (peak int64, err error) {
	for range 5 { // a process may end between being listed and being read
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

// Processes lists the tree. A process that starts or ends meanwhile may be missing or
// included.
func (t Tree) Processes() (Processes, error) {
	if t.Root <= 0 {
		return nil, errors.New("no process")
	}
	all := Processes{t.Root}
	for i := 0; i < len(all); i++ {
		tasks := fmt.Sprintf("/proc/%d/task/", all[i])
		threads, err := namesIn(tasks)
		if i == 0 && err != nil {
			return nil, fmt.Errorf("process %d has ended: %w", t.Root, err)
		}
		for _, thread := range threads { // each has children of its own
			children, err := os.ReadFile(tasks + thread + "/children")
			if i == 0 && errors.Is(err, fs.ErrNotExist) && thread == strconv.Itoa(t.Root) {
				return nil, fmt.Errorf("process %d has ended, or this kernel does not list children", t.Root)
			}
			for word := range strings.FieldsSeq(string(children)) {
				if pid, err := strconv.Atoi(word); err == nil {
					all = append(all, pid)
				}
			}
		}
	}
	if t.Below {
		all = all[1:]
	}
	return all, nil
}

// namesIn returns the names in a folder. Unlike filepath.Glob it examines none of them: a
// pool of 50 processes has 400 threads.
func namesIn(dir string) ([]string, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Readdirnames(-1)
}

// ResetPeak restarts the peak of each process from its current memory. A process that has
// ended is no error.
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

// FreeMemory returns unused memory of this process to the kernel. Taking it again costs
// page faults, so do not call it during a round.
func FreeMemory() {
	runtime.GC() // a sync.Pool survives one collection
	debug.FreeOSMemory()
}

// Self returns the current process.
func Self() Processes { return Processes{os.Getpid()} }

// States returns the letter of each process's state, as in /proc/PID/stat, or 0 if there is
// no such process.
func (p Processes) States() []byte {
	states := make([]byte, len(p))
	for i, pid := range p {
		states[i] = stateOf(pid)
	}
	return states
}

// stateOf returns the letter of a process's state, or 0 if there is no such process.
func stateOf(pid int) byte {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The program's name precedes it and may contain anything.
	_, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return append(rest, 0)[0]
}
