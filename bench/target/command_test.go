package target_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
	"poolbench/protocol"
	"poolbench/server"
)

// stranger is the argument that makes this program somebody's server.
const stranger = "stranger"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == stranger {
		serveStrangely(os.Args[2:])
	}
	target.Main()
	goleak.VerifyTestMain(m)
}

// serveStrangely serves as its arguments say: how, port, workers and storage.
func serveStrangely(args []string) {
	how, port, workers, storage := args[0], args[1], args[2], args[3]
	n, _ := strconv.Atoi(workers)
	if how == "other workers" {
		n++
	}
	if how == "elsewhere" {
		port = "0"
	}
	fmt.Println("starting with " + workers)
	switch how {
	case "ends":
		fmt.Println("no licence")
		os.Exit(3)
	case "never listens":
		select {}
	}
	if how == "http" {
		serveHTTP("127.0.0.1:"+port, storage)
	}
	s, err := server.Listen(server.Config{Addr: "127.0.0.1:" + port, Workers: n, Storage: storage})
	if err != nil {
		panic(err)
	}
	if how != "silent" {
		fmt.Println("serving")
	}
	_ = s.Serve()
}

// serveHTTP serves the files in storage over HTTP below a base path, and does not return.
func serveHTTP(addr, storage string) {
	files := http.FileServer(http.Dir(storage))
	panic(http.ListenAndServe(addr, http.StripPrefix("/base", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			files.ServeHTTP(w, r)
			return
		}
		data, err := io.ReadAll(r.Body)
		if err == nil {
			err = os.WriteFile(filepath.Join(storage, path.Base(r.URL.Path)), data, 0o600)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))))
}

// strange returns the command of such a server.
func strange(t *testing.T, how string) plan.Command {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	return plan.Command{
		Name: "mine", Words: []string{program, stranger, how, "{port}", "{workers}", "{storage}"},
		Ready: "^serving", Start: time.Minute, Signal: syscall.SIGTERM, Grace: time.Minute,
	}
}

func fleet(t *testing.T, commands ...plan.Command) *target.Fleet {
	t.Helper()
	dir := t.TempDir()
	f := &target.Fleet{Commands: commands, Storage: dir, LogFile: filepath.Join(t.TempDir(), "server.log"), WorkerGOMAXPROCS: 1}
	t.Cleanup(func() {
		assert.NoError(t, f.Close())
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, left, "storage")
	})
	return f
}

func move(ctx context.Context, addr string, file fixtures.File) error {
	transfer := client.Transfer{Addr: addr, Idle: time.Minute}
	source, err := os.Open(file.Path)
	if err != nil {
		return err
	}
	defer source.Close()
	return transfer.Put(ctx, "up.bin", source, file.TextSize(), file.Text)
}

func TestCommandServes(t *testing.T) {
	f := fleet(t, strange(t, "well"))
	file := fixture(t, fixtures.KiB)
	cell := bench.Cell{Op: bench.Download, Volume: file.Size, Workers: 3, Pool: "mine"}
	first := plan.Lifetime{Pass: 1}

	s, failed := f.Server(t.Context(), cell, first, file)
	require.Zero(t, failed)
	assert.Equal(t, 1, s.Number)
	assert.True(t, s.HasStats)
	assert.Empty(t, s.Notes())
	size, err := client.Transfer{Addr: s.Addr, Idle: time.Minute}.Size(t.Context(), file.Name())
	require.NoError(t, err, "it has the fixture")
	assert.Equal(t, file.TextSize(), size)
	require.NoError(t, move(t.Context(), s.Addr, file))
	require.NoError(t, s.Reset())
	_, err = client.Transfer{Addr: s.Addr, Idle: time.Minute}.Size(t.Context(), "up.bin")
	assert.Error(t, err, "uploads are removed")
	cpu, err := s.Processes.CPU()
	require.NoError(t, err)
	assert.Positive(t, cpu)
	peak, err := s.Processes.Peak()
	require.NoError(t, err)
	assert.Positive(t, peak)

	same, _ := f.Server(t.Context(), cell, first, file)
	assert.Same(t, s, same)
	next, failed := f.Server(t.Context(), cell, plan.Lifetime{Pass: 2}, file)
	require.Zero(t, failed)
	assert.Equal(t, 2, next.Number)
	assert.Empty(t, next.Notes(), "the first was stopped, and did not die")
	log, err := os.ReadFile(f.LogFile)
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(log), "mine: starting with 3\n"))
}

// A server that keeps its files where it likes gets the fixture through its socket.
func TestCommandWithoutStorage(t *testing.T) {
	command := strange(t, "well")
	command.Ready = "" // it is ready when it listens
	command.Words[len(command.Words)-1] = t.TempDir()
	f := fleet(t, command)
	file := fixture(t, fixtures.KiB)
	cell := bench.Cell{Op: bench.Download, Volume: file.Size, Workers: 1, Pool: "mine"}
	s, failed := f.Server(t.Context(), cell, plan.Lifetime{Pass: 1}, file)
	require.Zero(t, failed)
	assert.Nil(t, s.Reset)
	assert.Equal(t, []string{"the target did not have file_1kb.txt: 1368 bytes were uploaded"}, s.Notes())
	size, err := client.Transfer{Addr: s.Addr, Idle: time.Minute}.Size(t.Context(), file.Name())
	require.NoError(t, err)
	assert.Equal(t, file.TextSize(), size)
}

// A server that speaks HTTP has the fixture too, and it is as it is.
func TestCommandOverHTTP(t *testing.T) {
	for _, row := range []struct {
		name  string
		dir   string // of a server that keeps its files where it likes
		notes []string
	}{
		{"in its storage", "", nil},
		{"elsewhere", t.TempDir(), []string{"the target did not have file_1kb.txt: 1368 bytes were uploaded"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			command := strange(t, "http")
			command.Ready, command.Wire = "", "http/base"
			if row.dir != "" {
				command.Words[len(command.Words)-1] = row.dir
			}
			f := fleet(t, command)
			file := fixture(t, fixtures.KiB)
			cell := bench.Cell{Op: bench.Download, Volume: file.Size, Workers: 1, Pool: "mine"}
			s, failed := f.Server(t.Context(), cell, plan.Lifetime{Pass: 1}, file)
			require.Zero(t, failed)
			assert.Equal(t, row.notes, s.Notes())
			assert.False(t, s.HasStats)
			assert.Regexp(t, `^http://127\.0\.0\.1:\d+/base/$`, s.Addr)
			var got strings.Builder
			size, sum, err := client.Transfer{Addr: s.Addr, Idle: time.Minute}.Get(t.Context(), file.Name(), &got)
			require.NoError(t, err)
			assert.Equal(t, file.TextSize(), size)
			assert.Equal(t, file.Text, sum)
			require.NoError(t, move(t.Context(), s.Addr, file))
			size, err = client.Transfer{Addr: s.Addr, Idle: time.Minute}.Size(t.Context(), "up.bin")
			require.NoError(t, err)
			assert.Equal(t, file.TextSize(), size)
			if row.dir == "" {
				require.NoError(t, s.Reset())
				_, err = client.Transfer{Addr: s.Addr, Idle: time.Minute}.Size(t.Context(), "up.bin")
				assert.ErrorIs(t, err, protocol.ErrNotFound, "uploads are removed")
			}
		})
	}
}

// A server that gives up root may write to its storage, and to the folder above.
func TestStorageOfRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be given up")
	}
	f := fleet(t, strange(t, "well"))
	_, failed := f.Server(t.Context(), bench.Cell{Op: bench.Upload, Workers: 1, Pool: "mine"}, plan.Lifetime{Pass: 1}, fixtures.File{})
	require.Zero(t, failed)
	folders, err := filepath.Glob(filepath.Join(f.Storage, "*"))
	require.NoError(t, err)
	require.Len(t, folders, 1)
	for _, folder := range []string{folders[0], filepath.Join(folders[0], "files")} {
		info, err := os.Stat(folder)
		require.NoError(t, err)
		assert.Equal(t, os.ModeDir|os.ModeSticky|0o777, info.Mode(), folder)
	}
}

// A server gets absolute paths, as it may leave the folder that it is started in.
func TestPathsOfCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	command := strange(t, "ends")
	command.Words = append(command.Words[:2], "ends", "{port}", "{storage} {log}", "x")
	f := &target.Fleet{Commands: []plan.Command{command}, Storage: ".", LogFile: "server.log"}
	_, failed := f.Server(t.Context(), bench.Cell{Op: bench.Upload, Workers: 1, Pool: "mine"}, plan.Lifetime{Pass: 1}, fixtures.File{})
	here, err := os.Getwd()
	require.NoError(t, err)
	assert.Regexp(t, "starting with "+here+"/poolbench-storage-[0-9]+/files "+here+`/mine\.log \|`, failed.Detail)
}

func TestCommandThatIsNotReady(t *testing.T) {
	const soon = 200 * time.Millisecond
	tests := []struct {
		name, how, ready string
		program          string
		start            time.Duration
		detail           string // %s is the port
	}{
		{name: "ends", how: "ends", start: time.Minute, detail: "mine ended before it was ready: exit status 3, its last output: starting with 2 | no licence"},
		{name: "ends before its pattern", how: "ends", ready: "serving", start: time.Minute, detail: "mine ended before it was ready: exit status 3"},
		{name: "never listens", how: "never listens", start: soon, detail: `^mine is not ready: nothing listens on 127\.0\.0\.1:\d+ after 200ms; signal: `},
		{name: "listens elsewhere", how: "elsewhere", ready: "serving", start: 2 * time.Second, detail: `nothing listens on 127\.0\.0\.1:\d+ after 2s, and it listens on \[\d+\]; signal`},
		{name: "says nothing", how: "silent", ready: "serving", start: soon, detail: `mine is not ready: no line of its output matched "serving" within 200ms`},
		{name: "no program", program: "/no/such/program", detail: "/no/such/program: no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			command := strange(t, test.how)
			command.Ready, command.Start = test.ready, test.start
			if test.program != "" {
				command.Words[0] = test.program
			}
			f := fleet(t, command)
			cell := bench.Cell{Op: bench.Upload, Workers: 2, Pool: "mine"}
			_, failed := f.Server(t.Context(), cell, plan.Lifetime{Pass: 1}, fixtures.File{})
			assert.Equal(t, bench.NotReady, failed.Reason)
			assert.Regexp(t, test.detail, failed.Detail)
		})
	}
}

func TestCommandThatDies(t *testing.T) {
	f := fleet(t, strange(t, "well"))
	cell := bench.Cell{Op: bench.Upload, Workers: 2, Pool: "mine"}
	life := plan.Lifetime{Pass: 1}
	s, failed := f.Server(t.Context(), cell, life, fixtures.File{})
	require.Zero(t, failed)
	processes, err := s.Processes.Processes()
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(processes[0], syscall.SIGKILL))
	<-s.Ended
	assert.Equal(t, "signal: killed, its last output: starting with 2 | serving", s.End())
	next, failed := f.Server(t.Context(), cell, life, fixtures.File{})
	require.Zero(t, failed)
	assert.Equal(t, 2, next.Number)
	assert.Equal(t, []string{"a server before this one: mine died: signal: killed, its last output: starting with 2 | serving"}, next.Notes())
}

// A server that cannot be started is tried once in a pass: each attempt may take half a
// minute.
func TestCommandIsTriedOnceInAPass(t *testing.T) {
	f := fleet(t, strange(t, "ends"))
	cell := bench.Cell{Op: bench.Upload, Workers: 2, Pool: "mine"}
	for _, pass := range []int{1, 1, 2} {
		_, failed := f.Server(t.Context(), cell, plan.Lifetime{Pass: pass}, fixtures.File{})
		assert.Contains(t, failed.Detail, "mine ended before it was ready: exit status 3")
	}
	log, err := os.ReadFile(f.LogFile)
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(log), "mine: no licence\n"))

	ended, end := context.WithCancelCause(t.Context())
	end(errors.New("interrupted"))
	_, failed := f.Server(ended, cell, plan.Lifetime{Pass: 3}, fixtures.File{})
	assert.Equal(t, "interrupted", failed.Detail)
}

func TestCommandContradictsItsWorkers(t *testing.T) {
	f := fleet(t, strange(t, "other workers"))
	s, failed := f.Server(t.Context(), bench.Cell{Op: bench.Upload, Workers: 2, Pool: "mine"}, plan.Lifetime{Pass: 1}, fixtures.File{})
	require.Zero(t, failed)
	assert.Equal(t, []string{"mine was asked for 2 workers and says that it has 3"}, s.Notes())
}
