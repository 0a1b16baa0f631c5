package server

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
)

// longestName is the length in bytes of the longest name that Linux's
// filesystems store.
const longestName = 255

// upload is a file on its way to its name.
type upload struct {
	storage   *storage
	name      string
	temporary string
	file      *os.File      // nil if it is discarded or not ours any more
	spent     *atomic.Int64 // nanoseconds that the storage took
	sum       bool          // whether crc32c is kept
	crc32c    uint32        // of what was written
}

// checkName refuses the names under which no upload could be put in place.
func checkName(name string) error {
	if strings.HasPrefix(name, temporaryPrefix) {
		return with(protocol.ErrBadRequest, "name %q is reserved", name)
	}
	if len(name) > longestName {
		return &storageError{fmt.Errorf("a name of %d bytes: %w", len(name), unix.ENAMETOOLONG)}
	}
	return nil
}

// temporaryName is that of a file that is being uploaded. Its number is random,
// because a folder may be shared.
func temporaryName(high, low uint64) string {
	return fmt.Sprintf("%s%016x%016x", temporaryPrefix, high, low)
}

// create begins a file that will be called name. The worker's counters get its
// number, and the time that the storage takes.
func (s *storage) create(name string, c *counters) (*upload, error) {
	u := &upload{storage: s, name: name, spent: &c.storageNS}
	if s.discard {
		return u, nil
	}
	defer u.clock()()
	for u.file == nil {
		var number [16]byte
		_, _ = rand.Read(number[:]) // never fails
		high, low := binary.NativeEndian.Uint64(number[:8]), binary.NativeEndian.Uint64(number[8:])
		// Before the file is there: who finds this worker dead has to find it.
		c.temporary[0].Store(high)
		c.temporary[1].Store(low)
		u.temporary = temporaryName(high, low)
		file, err := s.root.OpenFile(u.temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return nil, &storageError{err}
		}
		if hold(file) {
			u.file = file
		} else {
			_ = file.Close() // swept before it was held
		}
	}
	return u, nil
}

// hold marks a file as one that somebody writes, for as long as it is open: the
// kernel takes the lock back from a process that is no more, however it ended. It
// reports false if somebody else has marked or removed the file.
func hold(file *os.File) bool {
	var stat unix.Stat_t
	fd := int(file.Fd())
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return false
	}
	return unix.Fstat(fd, &stat) != nil || stat.Nlink > 0
}

func (u *upload) Write(p []byte) (int, error) {
	if u.sum {
		u.crc32c = crc32.Update(u.crc32c, protocol.Castagnoli, p)
	}
	if u.file == nil {
		return len(p), nil
	}
	defer u.clock()()
	n, err := u.file.Write(p)
	if err != nil {
		return n, &storageError{err}
	}
	return n, nil
}

// commit puts the file in the place of whatever had its name.
func (u *upload) commit() error {
	if u.file == nil {
		return nil
	}
	defer u.clock()()
	// What closing the file has to say comes before its name, and its lock goes
	// after: a file without a lock is swept.
	lock, err := unix.FcntlInt(u.file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return &storageError{os.NewSyscallError("fcntl", err)}
	}
	defer unix.Close(lock)
	if err := u.file.Close(); err != nil {
		return &storageError{err}
	}
	if err := u.storage.root.Rename(u.temporary, u.name); err != nil {
		return &storageError{err}
	}
	u.file = nil
	return nil
}

// abandon removes the file unless it is in its place.
func (u *upload) abandon() {
	if u.file == nil {
		return
	}
	_ = u.file.Close() // may be closed already
	_ = u.storage.root.Remove(u.temporary)
	u.file = nil
}

// clock adds the time until the returned function is called to what was spent.
func (u *upload) clock() func() {
	start := time.Now()
	return func() { u.spent.Add(int64(time.Since(start))) }
}

var _ io.Writer = (*upload)(nil)
