package server

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server/internal/counters"
)

// maxName is the longest name in bytes that Linux's filesystems store.
const maxName = 255

// upload is a file that gets its name when it is complete.
type upload struct {
	storage   *storage
	name      string
	temporary string
	file      *os.File      // nil if it is discarded, committed or abandoned
	spent     *atomic.Int64 // nanoseconds that the storage took
	sum       bool          // keep crc32c
	crc32c    uint32        // of what was written
}

// checkName refuses names that no upload can have.
func checkName(name string) error {
	if strings.HasPrefix(name, temporaryPrefix) {
		return with(protocol.ErrBadRequest, "name %q is reserved", name)
	}
	if len(name) > maxName {
		return &storageError{fmt.Errorf("a name of %d bytes: %w", len(name), unix.ENAMETOOLONG)}
	}
	return nil
}

// temporaryName returns the name of a file that is being uploaded. Its number is random
// because servers may share a folder.
func temporaryName(number uint64) string { return fmt.Sprintf("%s%016x", temporaryPrefix, number) }

// create begins a file that will be called name. The worker's counters get the number
// of its temporary name and the time that the storage takes.
func (s *storage) create(name string, c *counters.Worker) (*upload, error) {
	u := &upload{storage: s, name: name, spent: &c.StorageNS}
	if s.discard {
		return u, nil
	}
	defer u.clock()()
	for u.file == nil {
		number := rand.Uint64()
		// Stored before the file exists: if this worker is killed, the supervisor
		// removes the file by its number.
		c.Temporary.Store(number)
		u.temporary = temporaryName(number)
		file, err := s.root.OpenFile(u.temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return nil, &storageError{err}
		}
		if lock(file) {
			u.file = file
		} else {
			_ = file.Close() // swept before it was locked
		}
	}
	return u, nil
}

// lock locks a file for as long as it is open, and so keeps it from being swept. The
// kernel drops the lock when the process ends, however it ends. lock reports false if a
// sweep got hold of the file first.
func lock(file *os.File) bool {
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

// commit gives the file its name, in place of whatever had it.
func (u *upload) commit() error {
	if u.file == nil {
		return nil
	}
	defer u.clock()()
	// Close may report an error, so it comes before the rename; the lock has to last
	// until after it, or the file may be swept. So a duplicate keeps the lock.
	duplicate, err := unix.FcntlInt(u.file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return &storageError{os.NewSyscallError("fcntl", err)}
	}
	defer unix.Close(duplicate)
	if err := u.file.Close(); err != nil {
		return &storageError{err}
	}
	if err := u.storage.root.Rename(u.temporary, u.name); err != nil {
		return &storageError{err}
	}
	u.file = nil
	return nil
}

// abandon removes the file unless it has been committed.
func (u *upload) abandon() {
	if u.file == nil {
		return
	}
	_ = u.file.Close() // may be closed already
	_ = u.storage.root.Remove(u.temporary)
	u.file = nil
}

// clock starts a clock. Calling the result adds the time since to what the storage
// took.
func (u *upload) clock() func() {
	start := time.Now()
	return func() { u.spent.Add(int64(time.Since(start))) }
}

var _ io.Writer = (*upload)(nil)
