package server

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
)

// temporaryPrefix begins the names of files that are being uploaded. Clients cannot use
// such names.
const temporaryPrefix = ".poolbench-upload-"

// storage is the folder of the stored files. Names in it are base names, and os.Root
// keeps them inside the folder whatever links lie there.
type storage struct {
	root    *os.Root
	discard bool
}

func openStorage(dir string, discard bool) (*storage, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &storage{root: root, discard: discard}, nil
}

// inheritStorage opens the folder behind an open file, whatever the folder's name is
// now.
func inheritStorage(dir *os.File, discard bool) (*storage, error) {
	return openStorage(fmt.Sprintf("/proc/self/fd/%d", dir.Fd()), discard)
}

func (s *storage) close() error { return s.root.Close() }

// open opens a stored file and returns its size.
func (s *storage) open(name string) (*os.File, int64, error) {
	// Opening a named pipe would wait for a writer, so its kind is checked first.
	info, err := s.root.Stat(name)
	if err != nil {
		return nil, 0, notStored(err)
	}
	if !info.Mode().IsRegular() || strings.HasPrefix(name, temporaryPrefix) {
		return nil, 0, with(protocol.ErrNotFound, "%q is not a stored file", name)
	}
	file, err := s.root.Open(name)
	if err != nil {
		return nil, 0, notStored(err)
	}
	// An upload may have replaced the file in between, so its size is read anew.
	if info, err = file.Stat(); err != nil {
		return nil, 0, errors.Join(&storageError{err}, file.Close())
	}
	return file, info.Size(), nil
}

// notStored tells a name that cannot be reached from a storage that fails. An error
// without an errno is os.Root's own refusal.
func notStored(err error) error {
	var number syscall.Errno
	if !errors.As(err, &number) || slices.Contains([]syscall.Errno{unix.ENOENT, unix.ENAMETOOLONG, unix.ENOTDIR, unix.ELOOP}, number) {
		return with(protocol.ErrNotFound, "%v", err)
	}
	return &storageError{err}
}

// sweep removes temporary files whose server or worker was killed, and returns how many
// there were. Uploads under way hold a lock and are kept, even those of another server
// that shares the folder. The filesystem has to support locks.
func (s *storage) sweep() (removed int, err error) {
	dir, err := s.root.Open(".")
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, temporaryPrefix) && s.removeUnlocked(name) {
			removed++
		}
	}
	return removed, err
}

func (s *storage) removeUnlocked(name string) bool {
	file, err := s.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && s.root.Remove(name) == nil
}
