package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
)

// temporaryPrefix begins the names of files that are being uploaded. No client
// can name one.
const temporaryPrefix = ".poolbench-upload-"

// longestName is the length in bytes of the longest name that Linux's
// filesystems store.
const longestName = 255

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

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

// create begins a file that will be called name. What time the storage takes is
// added to spent.
func (s *storage) create(name string, spent *atomic.Int64) (*upload, error) {
	u := &upload{storage: s, name: name, spent: spent}
	if s.discard {
		return u, nil
	}
	defer u.clock()()
	// Random, because a folder may be shared, and may hold what a server that was
	// killed has left.
	u.temporary = temporaryPrefix + rand.Text()
	file, err := s.root.OpenFile(u.temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, &storageError{err}
	}
	u.file = file
	return u, nil
}

func (u *upload) Write(p []byte) (int, error) {
	if u.sum {
		u.crc32c = crc32.Update(u.crc32c, castagnoli, p)
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
