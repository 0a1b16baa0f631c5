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

// temporaryPrefix begins the names of files that are being uploaded. No client
// can name one.
const temporaryPrefix = ".poolbench-upload-"

// storage is the folder that files are stored in. Its names are base names, and
// the os.Root holds them to the folder whatever links lie in it.
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

// inheritStorage opens the folder that is behind a file of this process's,
// whatever its name is by now.
func inheritStorage(dir *os.File, discard bool) (*storage, error) {
	return openStorage(fmt.Sprintf("/proc/self/fd/%d", dir.Fd()), discard)
}

func (s *storage) close() error { return s.root.Close() }

// open opens a stored file and tells its size.
func (s *storage) open(name string) (*os.File, int64, error) {
	// Stat comes first because opening a pipe that somebody put there would
	// wait for a writer.
	info, err := s.root.Stat(name)
	if err != nil {
		return nil, 0, notStored(err)
	}
	if !info.Mode().IsRegular() || strings.HasPrefix(name, temporaryPrefix) {
		return nil, 0, with(protocol.ErrNotFound, "%q is no file of a client's", name)
	}
	file, err := s.root.Open(name)
	if err != nil {
		return nil, 0, notStored(err)
	}
	// The name may have got another file since.
	if info, err = file.Stat(); err != nil {
		return nil, 0, errors.Join(&storageError{err}, file.Close())
	}
	return file, info.Size(), nil
}

// notStored tells a name under which nothing is stored, or nothing that could be
// reached, from a storage that fails. What os.Root itself refuses has no number
// of the system's.
func notStored(err error) error {
	var number syscall.Errno
	if !errors.As(err, &number) || slices.Contains([]syscall.Errno{unix.ENOENT, unix.ENAMETOOLONG, unix.ENOTDIR, unix.ELOOP}, number) {
		return with(protocol.ErrNotFound, "%v", err)
	}
	return &storageError{err}
}

// sweep removes what uploads have left whose server or worker was killed, and
// returns how many there were. Uploads under way are held, be it by another
// server that shares the folder. It needs a filesystem that has locks.
func (s *storage) sweep() (removed int, err error) {
	dir, err := s.root.Open(".")
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, temporaryPrefix) && s.removeUnheld(name) {
			removed++
		}
	}
	return removed, err
}

func (s *storage) removeUnheld(name string) bool {
	file, err := s.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && s.root.Remove(name) == nil
}
