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

// memoryKiller tells a process that the kernel killed for want of memory, in the
// machine or in a control group, from one that somebody else did. The kernel
// counts those that it kills, for everybody to read; which they were stands in
// its log, which is for root. It is used from any goroutine, but mark.
type Watcher struct {
	mu     sync.Mutex
	marked int64 // what was counted at the mark; -1 if it can't be read
	log    int   // descriptor; -1 if it does not serve
	// What was counted when the log was opened, and how many processes and which
	// that has named since.
	opened, seen int64
	named        map[int]bool
}

// logLag is how long the log may be behind the count. The kernel writes them a
// few lines apart, between which it ends the process.
const logLag = time.Second

// watchMemoryKiller begins to watch. It always succeeds; what can't be read is
// not known.
func Watch() *Watcher {
	k := &Watcher{log: -1, named: map[int]bool{}}
	// The log has the numbers that processes have outside of every container.
	if space, err := os.Readlink("/proc/self/ns/pid"); err == nil && space == "pid:[4026531836]" { // PID_NS_INIT_INO of the kernel's nsfs.h
		// Go's own reading would wait for what is to be logged yet.
		if fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
			k.log = fd
			_, _ = unix.Seek(fd, 0, unix.SEEK_END)
		}
	}
	k.opened = Kills()
	k.marked = k.opened
	return k
}

// mark says that a process which is asked for from now on was killed after so many
// had been counted.
func (k *Watcher) Mark(kills int64) { k.marked = kills }

// memoryKills returns how many processes the kernel has killed for want of memory
// since it started, those of control groups included, or -1 if it does not say.
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

// verdict says how a process was killed that has been reaped.
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
		delete(k.named, pid) // the number may be another's one day
		return killedForMemory
	case k.log >= 0:
		return killedElsewise
	}
	return killedMeanwhile
}

// readLog reads what has been logged, and goes on until it has named so many. A
// log that does not name them is given up: it may be that of another machine.
func (k *Watcher) readLog(kills int64) {
	record := make([]byte, 8192) // no record is longer, and each is read by itself
	for end := time.Now().Add(logLag); k.log >= 0; {
		n, err := unix.Read(k.log, record)
		switch {
		case n > 0:
			if victim := victimOf(record[:n]); victim != 0 {
				k.named[victim] = true
				k.seen++
			}
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINTR): // some were overwritten
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

// victimLine is how the kernel names the process that it kills for want of memory
// (__oom_kill_process of mm/oom_kill.c).
var victimLine = regexp.MustCompile(`ut of memory.*: Killed process (\d+) \(`)

// victimOf returns the number of the process, or 0 for a record of something else.
func victimOf(record []byte) int {
	match := victimLine.FindSubmatch(record)
	if match == nil {
		return 0
	}
	pid, _ := strconv.Atoi(string(match[1]))
	return pid
}

// close ends the watch of the log.
func (k *Watcher) Close() {
	if k.log >= 0 {
		_ = unix.Close(k.log)
		k.log = -1
	}
}
