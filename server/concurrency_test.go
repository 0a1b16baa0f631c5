package server_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/protocol"
	"poolbench/server"
)

// begin begins an upload and returns when a worker is ready for its payload.
func begin(t *testing.T, s *server.Server, name string, size int) *net.TCPConn {
	t.Helper()
	conn := dial(t, s)
	_, err := fmt.Fprintf(conn, "UPLOAD %s %d\r\n\r\n", name, size)
	require.NoError(t, err)
	expect(t, conn, ready)
	return conn
}

func expect(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
}

// N workers serve N connections. The next waits in the kernel until a worker is free.
func TestWorkersServeOneConnectionEach(t *testing.T) {
	forEachPool(t, server.Config{Workers: 2}, func(t *testing.T, s *server.Server, storage string) {
		first, second := begin(t, s, "first", 4), begin(t, s, "second", 4)
		waiting := make([]*net.TCPConn, 3)
		for i := range waiting {
			waiting[i] = dial(t, s)
			write(t, waiting[i], uploadOf(fmt.Sprint("waiting", i), "hello"))
		}
		assert.Eventually(t, func() bool { return s.Stats().Queue == len(waiting) }, 10*time.Second, time.Millisecond,
			"three connections wait for a worker")
		assert.LessOrEqual(t, len(files(t, storage)), 2, "more uploads were begun than there are workers")

		write(t, first, "QUJD")
		expect(t, first, complete)
		for _, conn := range waiting {
			expect(t, conn, ready+complete)
		}
		assert.Equal(t, 0, s.Stats().Queue)
		write(t, second, "QUJD")
		expect(t, second, complete)
		assert.Len(t, files(t, storage), 5)
	})
}

// One worker serves one connection at a time, while all others wait in the kernel.
func TestOneWorkerServesStrictlyInTurn(t *testing.T) {
	forEachPool(t, server.Config{Workers: 1}, func(t *testing.T, s *server.Server, storage string) {
		var clients sync.WaitGroup
		served, finish := make(chan struct{}), make(chan struct{})
		for i := range 5 {
			clients.Go(func() {
				conn := begin(t, s, fmt.Sprint("file", i), 4)
				served <- struct{}{}
				<-finish
				write(t, conn, "QUJD")
				expect(t, conn, complete)
			})
		}
		for waiting := 4; waiting >= 0; waiting-- {
			<-served
			assert.Eventually(t, func() bool { return s.Stats().Queue == waiting }, 10*time.Second, time.Millisecond)
			select {
			case <-served:
				assert.Fail(t, "two are served at once")
			default:
			}
			finish <- struct{}{}
		}
		clients.Wait()
	})
}

// Of two uploads to one name at the same time, one is left, whole.
func TestTwoUploadsToOneName(t *testing.T) {
	forEachPool(t, server.Config{Workers: 2}, func(t *testing.T, s *server.Server, storage string) {
		first, second := begin(t, s, "a.bin", 400), begin(t, s, "a.bin", 400)
		for range 100 {
			write(t, first, "QUFB")
			write(t, second, "QkJC")
		}
		expect(t, first, complete)
		expect(t, second, complete)
		data := files(t, storage)["a.bin"]
		assert.Contains(t, []string{strings.Repeat("A", 300), strings.Repeat("B", 300)}, data)
		assert.Len(t, files(t, storage), 1)
	})
}

// A reader of a file that is being replaced sees one of its versions, whole.
func TestReadersSeeOldOrNew(t *testing.T) {
	forEachPool(t, server.Config{Workers: 4}, func(t *testing.T, s *server.Server, storage string) {
		const size = 300_000
		versions := []string{strings.Repeat("A", size), strings.Repeat("B", size)}
		require.Equal(t, ready+complete, ask(t, s, uploadOf("a.bin", versions[0])))
		var writer, readers sync.WaitGroup
		stop := make(chan struct{})
		writer.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					assert.Equal(t, ready+complete, ask(t, s, uploadOf("a.bin", versions[i%2])))
				}
			}
		})
		for range 2 {
			readers.Go(func() {
				for range 50 {
					answer := ask(t, s, "GET a.bin\r\n\r\n")
					data := strings.TrimPrefix(answer, fmt.Sprintf("OK %d\r\n\r\n", size))
					assert.True(t, data == versions[0] || data == versions[1], "a mixture of two versions")
				}
			})
		}
		readers.Wait()
		close(stop)
		writer.Wait()
	})
}

func TestCutUploadLeavesNoFile(t *testing.T) {
	for _, row := range []struct {
		name   string
		cut    func(conn *net.TCPConn)
		reason protocol.Reason
		resets int
	}{
		{"closed", func(conn *net.TCPConn) { _ = conn.Close() }, "cut short", 0},
		{"reset", func(conn *net.TCPConn) { _ = conn.SetLinger(0); _ = conn.Close() }, "reset", 1},
		{"half closed", func(conn *net.TCPConn) { _ = conn.CloseWrite() }, "cut short", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			forEachPool(t, server.Config{Workers: 1}, func(t *testing.T, s *server.Server, storage string) {
				conn := begin(t, s, "a.bin", 4000)
				write(t, conn, strings.Repeat("QUJD", 500))
				row.cut(conn)
				// The only worker answers when it is done with the upload.
				assert.Equal(t, "ERROR File not found\r\n\r\n", ask(t, s, "GET a.bin\r\n\r\n"))
				assert.Empty(t, files(t, storage))
				total := s.Stats().Total()
				assert.Equal(t, map[protocol.Reason]int64{row.reason: 1}, total.Ops["upload"].Failed)
				assert.EqualValues(t, row.resets, total.Resets)
			})
		})
	}
}

// The answer to a bad upload arrives although the client is still sending.
func TestAnswerReachesAClientThatStillSends(t *testing.T) {
	forEachPool(t, server.Config{MaxUpload: 64 << 20, LingerTimeout: time.Hour}, func(t *testing.T, s *server.Server, storage string) {
		for _, row := range []struct{ request, want string }{
			{"UPLOAD a.bin 33554432\r\n\r\n!", ready + "ERROR Invalid Base64 data stream\r\n\r\n"},
			{"UPLOAD a.bin 999999999\r\n\r\n", "ERROR Payload too large\r\n\r\n"},
		} {
			assert.Equal(t, row.want, ask(t, s, row.request+strings.Repeat("QUJD", 8<<20)))
		}
	})
}

// A client that sends on after its answer is not reset, so it can read the answer
// whenever it likes.
func TestClientThatSendsOnIsNotReset(t *testing.T) {
	payload := strings.Repeat("QUJD", 3<<10) // more than the server's read buffer
	for _, row := range []struct{ name, request, payload, want string }{
		{"payload that is refused", "UPLOAD a.bin 999999999\r\n\r\n", "", "ERROR Payload too large\r\n\r\n"},
		{"unknown command", "HELLO you\r\n\r\n", "", "ERROR Unknown command\r\n\r\n"},
		{"more than announced, read with it", "UPLOAD a.bin 4\r\n\r\nQUJDR", "", ready + complete},
		{"more than announced, not read", fmt.Sprintf("UPLOAD a.bin %d\r\n\r\n", len(payload)), payload + "R", complete},
	} {
		t.Run(row.name, func(t *testing.T) {
			forEachPool(t, server.Config{MaxUpload: 1 << 20, LingerTimeout: time.Hour}, func(t *testing.T, s *server.Server, storage string) {
				conn := dial(t, s)
				write(t, conn, row.request)
				if row.payload != "" {
					expect(t, conn, ready)
					write(t, conn, row.payload)
				}
				answer, err := io.ReadAll(conn)
				require.NoError(t, err)
				assert.Equal(t, row.want, string(answer))
				// If the server had closed, the first write would be answered with a
				// reset, and the second would fail.
				write(t, conn, "QUJD")
				write(t, conn, "QUJD")
			})
		})
	}
}

// A client that has gone before its connection is accepted is logged like any other.
func TestResetInTheQueue(t *testing.T) {
	var log syncBuffer
	config := server.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
	forEachPool(t, config, func(t *testing.T, s *server.Server, storage string) {
		conn := begin(t, s, "a.bin", 4)
		gone := dial(t, s)
		from := gone.LocalAddr().String()
		require.NoError(t, gone.SetLinger(0))
		require.NoError(t, gone.Close())
		write(t, conn, "QUJD")
		expect(t, conn, complete)
		assert.Equal(t, "OK 3\r\n\r\nABC", ask(t, s, "GET a.bin\r\n\r\n"))
		assert.Zero(t, s.Stats().Restarts)
		assert.EqualValues(t, 1, s.Stats().Total().Ops["request"].Failed["reset"])
		assert.Eventually(t, func() bool { return strings.Contains(log.String(), "client="+from+" end=reset") }, 10*time.Second, time.Millisecond)
	})
}
