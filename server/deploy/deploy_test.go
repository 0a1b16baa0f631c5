package deploy

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// systemd accepts every line of the unit. It wants the program to exist, so it gets a copy
// of the unit with one that does.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed:", err)
	}
	const installed = "ExecStart=/usr/local/bin/poolserver "
	unit := read(t, "poolserver.service")
	require.Equal(t, 1, strings.Count(unit, installed))
	self, err := os.Executable()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "poolserver.service")
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(unit, installed, "ExecStart="+self+" ", 1)), 0o644))
	output, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", path).CombinedOutput()
	assert.NoError(t, err)
	assert.Empty(t, string(output))
}

// The context of the image's build has all that the build needs.
func TestBuildContext(t *testing.T) {
	var folders []string
	for _, line := range regexp.MustCompile(`(?m)^!(\w+)$`).FindAllStringSubmatch(read(t, "Dockerfile.dockerignore"), -1) {
		folders = append(folders, line[1])
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", "poolbench/server/cmd/poolserver")
	output, err := list.Output()
	require.NoError(t, err)
	packages := strings.Fields(string(output))
	assert.Contains(t, packages, "poolbench/server/cmd/poolserver")
	for _, path := range packages {
		assert.Contains(t, folders, strings.Split(path, "/")[1], path)
	}
}

// build runs the Dockerfile's build command.
func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds the command without cgo")
	}
	line := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*) -o /out/poolserver (.*)$`).FindStringSubmatch(read(t, "Dockerfile"))
	require.NotNil(t, line)
	binary := filepath.Join(t.TempDir(), "poolserver")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line[1]+" -o '"+binary+"' "+line[2])
	cmd.Dir = "../.."
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return binary
}

// entrypoint returns the command that the image runs.
func entrypoint(t *testing.T) (words []string) {
	t.Helper()
	for _, line := range regexp.MustCompile(`(?m)^(?:ENTRYPOINT|CMD) (.*)$`).FindAllStringSubmatch(read(t, "Dockerfile"), -1) {
		var some []string
		require.NoError(t, json.Unmarshal([]byte(line[1]), &some))
		words = append(words, some...)
	}
	return words
}

// The image runs with nothing but the binary, its storage and what every container has, as
// an ordinary user.
func TestImage(t *testing.T) {
	binary := build(t)
	file, err := elf.Open(binary)
	require.NoError(t, err)
	defer file.Close()
	for _, program := range file.Progs {
		assert.NotEqual(t, elf.PT_INTERP, program.Type, "it is not static")
	}

	const user = 65532
	root := t.TempDir()
	require.NoError(t, os.Chmod(root, 0o755))
	for _, dir := range []string{"proc", "dev", "storage"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, dir), 0o755))
	}
	if err := os.Chown(filepath.Join(root, "storage"), user, user); err != nil {
		t.Skip("only root can do what a container does:", err)
	}
	// New ones, as removing the test's folder would reach into the host's.
	null, proc := filepath.Join(root, "dev/null"), filepath.Join(root, "proc")
	if err := unix.Mknod(null, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		t.Skip("cannot make a device here:", err)
	}
	require.NoError(t, os.Chmod(null, 0o666))
	if err := unix.Mount("proc", proc, "proc", 0, ""); err != nil {
		t.Skip("cannot mount here:", err)
	}
	defer func() { assert.NoError(t, unix.Unmount(proc, unix.MNT_DETACH)) }()
	require.NoError(t, os.Rename(binary, filepath.Join(root, "poolserver")))
	serveAndStop(t, root, user)
	stored, err := os.ReadFile(filepath.Join(root, "storage/a.bin"))
	require.NoError(t, err)
	assert.Equal(t, "ABC", string(stored))
}

// serveAndStop runs the image's command in its root, uses it and ends it.
func serveAndStop(t *testing.T, root string, user uint32) {
	t.Helper()
	words := append(entrypoint(t), "--port=0")
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.Dir, cmd.Env = "/storage", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: user, Gid: user}}
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() {
		_ = cmd.Process.Kill() // has ended, unless the test failed
	}()
	lines := bufio.NewScanner(stderr)
	require.True(t, lines.Scan())
	assert.Contains(t, lines.Text(), "WARNING: port ", "it listens on every address")
	require.True(t, lines.Scan())
	serving := regexp.MustCompile(`^poolserver: serving on \S+:(\d+), pool process, workers 5, storage /storage$`).FindStringSubmatch(lines.Text())
	require.NotNil(t, serving, lines.Text())
	conn, err := net.Dial("tcp", "127.0.0.1:"+serving[1])
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(conn, "UPLOAD a.bin 4\r\n\r\nQUJD")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Equal(t, "OK Ready to receive\r\n\r\nOK Upload complete\r\n\r\n", string(answer))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	for lines.Scan() {
	}
	assert.NoError(t, cmd.Wait(), "exit status 0")
}
