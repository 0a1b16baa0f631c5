package machine

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// Commit returns the revision of the git work tree that dir is in, followed by "-dirty" if
// there are changes, or "unknown".
func Commit(dir string) string {
	revision, err := exec.Command("git", "-C", dir, "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	commit := strings.TrimSpace(string(revision))
	changes, err := exec.Command("git", "-C", dir, "status", "--porcelain").Output()
	if err != nil || len(changes) > 0 {
		commit += "-dirty"
	}
	return commit
}

// Kernel returns the operating system's name and release.
func Kernel() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return runtime.GOOS
	}
	return unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
}

// Filesystem returns the type of the filesystem that a folder is on, such as ext4 or tmpfs,
// or "unknown".
func Filesystem(dir string) string {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "unknown"
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "unknown"
	}
	mounts, err := procfs.GetMounts()
	if err != nil {
		return "unknown"
	}
	// The folder is on the longest mount point above it. Of several on one point the last
	// covers the others.
	at, kind := "", "unknown"
	for _, m := range mounts {
		point := unescape.Replace(m.MountPoint)
		inside := point == "/" || dir == point || strings.HasPrefix(dir, point+"/")
		if inside && len(point) >= len(at) {
			at, kind = point, m.FSType
		}
	}
	return kind
}

// unescape undoes the kernel's escapes in the list of mounts.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// Free returns the free space of a folder's filesystem, in bytes.
func Free(dir string) (int64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, fmt.Errorf("%s: %w", dir, err)
	}
	return int64(stat.Bavail) * stat.Bsize, nil
}
