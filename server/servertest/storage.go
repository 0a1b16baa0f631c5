package servertest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Storage is the folder of one server's files.
type Storage struct {
	dir  string
	kept map[string]bool
}

// Dir returns the folder.
func (s *Storage) Dir() string { return s.dir }

// Put puts the file at path into the storage, under its name and in the place of
// what had that, and keeps it when the storage is emptied. It is a link where the
// filesystem is the same, so that it costs nothing and is as warm in memory as
// the original; neither the server nor Put writes to a file that has a name, so
// the original is safe. Elsewhere it is a copy.
func (s *Storage) Put(path string) error {
	name := filepath.Base(path)
	at := filepath.Join(s.dir, name)
	s.kept[name] = true
	err := os.Remove(at)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		if os.Link(path, at) == nil {
			return nil
		}
		err = copyFile(path, at)
	}
	if err != nil {
		return fmt.Errorf("servertest: storage: %w", err)
	}
	return nil
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source)
	return err
}

// Empty removes all that was not put in. What the server removes meanwhile is
// nothing to it.
func (s *Storage) Empty() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("servertest: storage: %w", err)
	}
	var errs []error
	for _, entry := range entries {
		if s.kept[entry.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, entry.Name())); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
