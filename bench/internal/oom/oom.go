package oom

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Watcher tells processes that the kernel killed for lack of memory, in the machine or in a
// control group, from those that somebody else killed. The kernel publishes how many it
// killed; which ones is in its log, which only root may read. A Watcher is safe for
// concurrent use, except for Mark and Close.
type Watcher struct {
	mu     sync.Mutex
	marked int64 // count at the mark; -1 if unreadable
	log    int   // descriptor; -1 if unusable
	// The count when the log was opened, how many victims the log has named since, and
	// which.
	opened, seen int64
	named        map[int]bool
}

// logLag is how long the log may lag behind the count. The kernel writes them a few lines
// apart, and ends the process in between.
const logLag = time.Second

// Watch returns a Watcher that counts from now. It always succeeds; what cannot be read
// stays unknown.
func Watch() *Watcher {
	k := &Watcher{log: -1, named: map[int]bool{}}
	// The log has the PIDs of the initial namespace.
	if space, err := os.Readlink("/proc/self/ns/pid"); err == nil && space == "pid:[4026531836]" { // PID_NS_INIT_INO of the kernel's nsfs.h
		// os.File would wait for records to come.
		if fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
			k.log = fd
			_, _ = unix.Seek(fd, 0, unix.SEEK_END)
		}
	}
	k.opened = Kills()
	k.marked = k.opened
	return k
}

// Mark sets the count before any process that Verdict is asked about from now on was
// killed. See [Kills].
func (k *Watcher) Mark(kills int64) { k.marked = kills }

// Kills returns how many processes the kernel has killed for lack of memory since it
// started, including those in control groups, or -1 if unknown.
func Kills() int64 {
	file, err := os.Open("/proc/vmstat")
	if err != nil {
		return -1
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if count, ok := bytes.CutPrefix(lines.Bytes(), []byte("oom_kill ")); ok {
			if kills, err := strconv.ParseInt(string(count), 10, 64); err == nil {
				return kills
			}
		}
	}
	return -1
}

// The ways in which a process can have been killed.
const (
	killed          = "signal: killed"
	killedForMemory = killed + " by the kernel's memory killer"
	killedElsewise  = killed + ", not by the kernel's memory killer"
	killedMeanwhile = killed + ", while the kernel's memory killer was at work"
)

// Verdict says how a process was killed, once it has been reaped.
func (k *Watcher) Verdict(pid int) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	kills := Kills()
	if k.marked < 0 || kills < 0 {
		return killed
	}
	if kills == k.marked {
		return killedElsewise
	}
	k.readLog(kills - k.opened)
	switch {
	case k.named[pid]:
		delete(k.named, pid) // the PID may be reused
		return killedForMemory
	case k.log >= 0:
		return killedElsewise
	}
	return killedMeanwhile
}

// readLog reads the log until it has named this many victims. A log that does not name them
// is closed: it may belong to another machine.
func (k *Watcher) readLog(kills int64) {
	record := make([]byte, 8192) // longer than any record; each read returns one
	for end := time.Now().Add(logLag); k.log >= 0; {
		n, err := unix.Read(k.log, record)
		switch {
		case n > 0:
			if victim := victimOf(record[:n]); victim != 0 {
				k.named[victim] = true
				k.seen++
			}
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINTR): // EPIPE: some were overwritten
		case errors.Is(err, unix.EAGAIN) && k.seen >= kills:
			return
		case errors.Is(err, unix.EAGAIN) && time.Now().Before(end):
			ready := []unix.PollFd{{Fd: int32(k.log), Events: unix.POLLIN}}
			_, _ = unix.Poll(ready, int(time.Until(end).Milliseconds())+1)
		default:
			k.Close()
		}
	}
}

// victimLine is how the kernel names a process that it kills for lack of memory
// (__oom_kill_process of mm/oom_kill.c).
var victimLine = regexp.MustCompile(`ut of memory.*: Killed process (\d+) \(`)

// victimOf returns the PID of the process, or 0 for any other record.
func victimOf(record []byte) int {
	match := victimLine.FindSubmatch(record)
	if match == nil {
		return 0
	}
	pid, _ := strconv.Atoi(string(match[1]))
	return pid
}

// Close closes the log.
func (k *Watcher) Close() {
	if k.log >= 0 {
		_ = unix.Close(k.log)
		k.log = -1
	}
}
