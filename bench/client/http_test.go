package client_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/fixtures"
	"poolbench/protocol"
	"poolbench/server/servertest"
)

// fixture makes a fixture of this size and returns it with its text.
func fixture(tb testing.TB, size fixtures.Size) (fixtures.File, []byte) {
	tb.Helper()
	file, err := fixtures.Ensure(tb.Context(), tb.TempDir(), fixtures.Spec{Size: size}, nil)
	require.NoError(tb, err)
	text, err := os.ReadFile(file.Path)
	require.NoError(tb, err)
	return file, text
}

// patience is the time of an op that does not need it.
const patience = 20 * time.Second

// op does an op and returns its sample.
func op(ctx context.Context, op bench.Op, addr string, file fixtures.File, timeout time.Duration) bench.Sample {
	c := client.Client{
		Addr: addr, Op: op, Fixture: file, Name: file.Name(), Verify: true,
		Timeout: cmp.Or(timeout, patience), Budget: client.NewBudget(0),
	}
	p := c.Prepare()
	defer p.Close()
	return p.Do(ctx, time.Now())
}

// serve starts an HTTP server and returns its address for clients, with a base path.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return bench.Wire("http/base").Address(s.Listener.Addr().String())
}

// store is a server that keeps what it gets in a folder.
func store(dir string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := filepath.Join(dir, path.Base(r.URL.Path))
		if r.Method == http.MethodGet {
			http.ServeFile(w, r, at)
			return
		}
		_, err := os.Stat(at)
		data, cut := io.ReadAll(r.Body)
		if cut != nil {
			return
		}
		_ = os.WriteFile(at, data, 0o600)
		switch {
		case err != nil:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "<p>created")
		case len(data) == 0:
			w.WriteHeader(http.StatusOK)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

func TestOpsOverHTTP(t *testing.T) {
	file, text := fixture(t, 3*fixtures.MiB)
	dir := t.TempDir()
	var requests []*http.Request
	files := store(dir)
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r)
		files(w, r)
	})
	for _, name := range []bench.Op{bench.Upload, bench.Upload, bench.Download} {
		s := op(t.Context(), name, addr, file, 0)
		require.True(t, s.OK(), "%v", s.Failure)
		assert.Equal(t, file.TextSize(), s.Wire)
		assert.Positive(t, s.Connected)
		assert.Less(t, s.Connected, s.Sent)
		assert.Less(t, s.Sent, s.Done)
		if name == bench.Download {
			assert.Less(t, s.Sent, s.FirstByte)
			assert.Less(t, s.FirstByte, s.Done)
		} else {
			assert.Zero(t, s.FirstByte, "its wait is in its transfer")
			assert.Zero(t, s.Wait())
		}
	}
	stored, err := os.ReadFile(filepath.Join(dir, file.Name()))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(text, stored), "the text as it is")
	require.Len(t, requests, 3)
	for _, r := range requests {
		assert.Equal(t, "/base/"+file.Name(), r.RequestURI)
		assert.Equal(t, "HTTP/1.1", r.Proto)
		assert.Equal(t, addr, "http://"+r.Host+"/base/")
		assert.True(t, r.Close)
		assert.Empty(t, r.Header.Get("Accept-Encoding"))
		assert.Empty(t, r.TransferEncoding)
	}
}

// answers turns what a server says to any request into such a server.
func answers(text string) func(*servertest.Caller) {
	return func(c *servertest.Caller) { c.Say(text) }
}

func TestAnswersOverHTTP(t *testing.T) {
	file, text := fixture(t, 12*fixtures.MiB) // 16,777,216 bytes of text, more than sockets hold
	flipped := bytes.Clone(text)
	flipped[1_000_000] ^= 1
	const (
		soon = 2 * time.Second // rows wait side by side
		ok   = "HTTP/1.1 200 OK\r\n"
		end  = "\r\n"
	)
	both, up, down := bench.Ops(), []bench.Op{bench.Upload}, []bench.Op{bench.Download}
	sized := func(size int, body []byte) func(*servertest.Caller) {
		return answers(fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", ok, size, body))
	}
	chunked := func(body []byte, rest string) func(*servertest.Caller) {
		return answers(fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%s", ok, len(body), body, rest))
	}
	// after reads some of an upload before it answers.
	after := func(n int64, then func(*servertest.Caller)) func(*servertest.Caller) {
		return func(c *servertest.Caller) { _, _ = io.CopyN(io.Discard, c, n); then(c) }
	}
	wait := func(then func(*servertest.Caller)) func(*servertest.Caller) {
		return func(c *servertest.Caller) { then(c); c.Wait() }
	}
	reset := func(then func(*servertest.Caller)) func(*servertest.Caller) {
		return func(c *servertest.Caller) { then(c); _ = c.SetLinger(0) }
	}
	nothing := func(*servertest.Caller) {}
	all := file.TextSize()
	tests := []struct {
		name    string
		ops     []bench.Op
		serve   func(*servertest.Caller)
		timeout time.Duration
		reason  bench.Reason // empty if it is well
		detail  string       // empty if it depends on timing
	}{
		{name: "sized", ops: down, serve: sized(len(text), text)},
		{name: "chunked", ops: down, serve: chunked(text, "0\r\n\r\n")},
		{name: "until it closes", ops: down, serve: answers("HTTP/1.0 200 OK\r\n\r\n" + string(text))},
		{name: "announced", ops: down, serve: answers("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok + end + string(text))},
		{name: "does not close", ops: down, serve: wait(sized(len(text), text))},
		{name: "stored", ops: up, serve: after(all, sized(0, nil))},
		{name: "created", ops: up, serve: after(all, answers("HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\ncreated"))},
		{name: "no content", ops: up, serve: after(all, answers("HTTP/1.1 204 No Content\r\n\r\n"))},

		{"another size", down, sized(5, []byte("hello")), 0, bench.SizeMismatch, "the server has 5 bytes under file_12mb.txt, the fixture 16777216"},
		{"no content to download", down, answers("HTTP/1.1 204 No Content\r\n\r\n"), 0, bench.SizeMismatch, "the server has 0 bytes under file_12mb.txt, the fixture 16777216"},
		{"fewer chunked", down, chunked(text[1:], "0\r\n\r\n"), 0, bench.SizeMismatch, "16777215 bytes came, the fixture has 16777216"},
		{"more chunked", down, chunked(text, "1\r\n!\r\n0\r\n\r\n"), 0, bench.SizeMismatch, "more came than the 16777216 bytes of the fixture"},
		{"chunks without an end", down, func(c *servertest.Caller) {
			c.Say(ok + "Transfer-Encoding: chunked\r\n\r\n")
			for err := error(nil); err == nil; {
				_, err = fmt.Fprintf(c, "%x\r\n%s\r\n", len(text), text)
			}
		}, 0, bench.SizeMismatch, "more came than the 16777216 bytes of the fixture"},
		{"more than announced", down, sized(len(text), append(bytes.Clone(text), '!')), 0, bench.ProtocolError, "payload, byte 16777216: more came than was announced"},
		{"a flipped bit", down, sized(len(text), flipped), 0, bench.ChecksumMismatch, fmt.Sprintf("crc32c %08x came, the fixture's is %08x", crc32c(flipped), file.Text)},
		{"a flipped bit in a chunk", down, chunked(flipped, "0\r\n\r\n"), 0, bench.ChecksumMismatch, ""},
		{"cut short", down, sized(len(text), text[1:]), 0, bench.CutShort, "the server closed in the middle of the payload"},
		{"cut short in a chunk", down, chunked(text, ""), 0, bench.CutShort, "the server closed in the middle of the payload"},
		{"broken chunks", down, chunked(text, "what?\r\n"), 0, bench.ProtocolError, "payload, byte 16777216: invalid byte in chunk length"},
		{"resets in the payload", down, reset(sized(len(text), text[:1000])), 0, bench.Reset, ""},
		{"stalls in the payload", down, wait(sized(len(text), text[:1000])), soon, bench.TimeoutTransfer, "the op's time was up"},

		{"says nothing to a download", down, (*servertest.Caller).Wait, soon, bench.TimeoutWait, "the op's time was up"},
		{"says nothing to an upload", up, (*servertest.Caller).Wait, soon, bench.TimeoutTransfer, "the op's time was up"},
		{"stops reading", up, after(1000, func(c *servertest.Caller) { <-c.Test.Done() }), soon, bench.TimeoutTransfer, "the op's time was up"},
		{"has no time to connect", both, nothing, time.Nanosecond, bench.TimeoutConnect, "the op's time was up"},
		{"closes at once", down, nothing, 0, bench.CutShort, "the server closed without an answer"},
		{"resets at once", down, reset(nothing), 0, bench.Reset, "before an answer"},
		{"resets in the upload", up, reset(after(1000, nothing)), 0, bench.Reset, "in the middle of the payload or behind it"},
		{"closes after the upload", up, after(all, nothing), 0, bench.CutShort, "the server closed without an answer"},
		{"closes in the answer", down, answers(ok + "X: y\r\n"), 0, bench.CutShort, "the server closed in the middle of an answer"},
		{"closes in the answer", up, after(all, answers(ok+"X: y\r\n")), 0, bench.CutShort, "the server closed in the middle of an answer"},
		{"closes in what it says of an upload", up, after(all, sized(10, []byte("stor"))), 0, bench.CutShort, "the server closed in the middle of an answer"},
		{"speaks another protocol", down, answers("220 mail ESMTP\r\n"), 0, bench.ProtocolError, `header, byte 0: malformed HTTP status code "mail"`},
		{"is the lab's", down, answers("OK 16777216\r\n\r\n"), 0, bench.ProtocolError, ""},
		{"writes to the terminal", down, answers("HTTP/1.1 200 OK\r\n\x1b[2J\r\n\r\n"), 0, bench.ProtocolError, `header, byte 0: malformed MIME header: missing colon: "\x1b[2J"`},
		{"a head without an end", down, answers(ok + strings.Repeat("X: y\r\n", 100_000)), 0, bench.ProtocolError, "header, byte 65536: the answer's head does not end"},
		{"is stored too soon", up, wait(after(1000, sized(0, nil))), 0, bench.ProtocolError, ""},

		{"not found", down, answers("HTTP/1.1 404 Not Found\r\nContent-Length: 22\r\n\r\n\r\nno such file\r\nsorry\r\n"), 0, bench.ServerSaidNo, `"HTTP/1.1 404 Not Found: no such file"`},
		{"no in HTML", down, answers("HTTP/1.1 403 Forbidden\r\n\r\n<!DOCTYPE html>\n<title>403</title>"), 0, bench.ServerSaidNo, `"HTTP/1.1 403 Forbidden"`},
		{"no and nothing else", down, wait(answers("HTTP/1.1 500 Oops\r\n\r\n")), 0, bench.ServerSaidNo, `"HTTP/1.1 500 Oops"`},
		{"no without a body", down, answers("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), 0, bench.ServerSaidNo, `"HTTP/1.1 503 Busy"`},
		{"no to the terminal", down, answers("HTTP/1.1 404 \x1b[2J\r\n\r\n\x1b[2J"), 0, bench.ServerSaidNo, `"HTTP/1.1 404 \x1b[2J: \x1b[2J"`},
		{"no at length", down, answers("HTTP/1.1 500 Oops\r\n\r\n" + strings.Repeat("x", 1000)), 0, bench.ServerSaidNo, `"HTTP/1.1 500 Oops: ` + strings.Repeat("x", 100) + `"`},
		{"somewhere else", down, answers("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"), 0, bench.ServerSaidNo, `"HTTP/1.1 302 Found"`},
		{"another protocol from here", down, answers("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 0, bench.ServerSaidNo, `"HTTP/1.1 101 Switching Protocols"`},
		{"a part", down, answers("HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\n\r\n"), 0, bench.ServerSaidNo, `"HTTP/1.1 206 Partial Content"`},
		{"no after the upload", up, after(all, answers("HTTP/1.1 507 Insufficient Storage\r\n\r\ndisk on fire")), 0, bench.ServerSaidNo, `"HTTP/1.1 507 Insufficient Storage: disk on fire"`},
		{"no in the upload", up, after(1000, answers("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")), 0, bench.ServerSaidNo, `"HTTP/1.1 413 Too Large"`},
		{"no in the upload, and reads no more", up, after(1000, func(c *servertest.Caller) {
			c.Say("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
			<-c.Test.Done()
		}), 0, bench.ServerSaidNo, `"HTTP/1.1 413 Too Large"`},
	}
	for _, test := range tests {
		for _, name := range test.ops {
			t.Run(test.name+"/"+string(name), func(t *testing.T) {
				t.Parallel()
				s := op(t.Context(), name, bench.HTTPWire.Address(servertest.Peer(t, test.serve)), file, test.timeout)
				assert.Equal(t, test.reason, s.Failure.Reason, s.Failure.Detail)
				if test.detail != "" {
					assert.Equal(t, test.detail, s.Failure.Detail)
				}
				assert.NotContains(t, s.Failure.String(), "\n")
				assert.Positive(t, s.Done)
				if test.timeout == 0 {
					assert.Less(t, s.Done, patience, "it waits for nothing")
				}
			})
		}
	}
}

// An answer that comes in mid-upload is heard, although the server closes the connection on
// what it has not read.
func TestRefusedUploadIsHeard(t *testing.T) {
	file, _ := fixture(t, 12*fixtures.MiB)
	addr := bench.HTTPWire.Address(servertest.Peer(t, func(c *servertest.Caller) {
		_, _ = io.CopyN(io.Discard, c, 100_000)
		c.Say("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
	}))
	tries := 200
	if testing.Short() {
		tries = 20
	}
	for range tries {
		require.Equal(t, bench.Failure{Reason: bench.ServerSaidNo, Detail: `"HTTP/1.1 413 Too Large"`}, op(t.Context(), bench.Upload, addr, file, 0).Failure)
	}
}

// A server that has been looked up is asked for by its name, since it may serve several.
func TestPlaceOverHTTP(t *testing.T) {
	hosts := make(chan string, 1)
	addr := serve(t, func(_ http.ResponseWriter, r *http.Request) { hosts <- r.Host + r.URL.Path })
	_, err := client.Transfer{Addr: bench.AtPlace("http://lab.example:1/a/", bench.Place(addr))}.Size(t.Context(), "b")
	require.NoError(t, err)
	assert.Equal(t, "lab.example:1/a/b", <-hosts)
}

func TestNobodyOverHTTP(t *testing.T) {
	file, _ := fixture(t, fixtures.KiB)
	for _, name := range bench.Ops() {
		assert.Equal(t, bench.Failure{Reason: bench.Refused}, op(t.Context(), name, bench.HTTPWire.Address(servertest.Nobody(t)), file, 0).Failure)
		assert.Equal(t, bench.Failure{Reason: bench.TimeoutConnect, Detail: "the op's time was up"},
			op(t.Context(), name, bench.HTTPWire.Address(servertest.Deaf(t)), file, 50*time.Millisecond).Failure)
		ctx, cancel := context.WithCancelCause(t.Context())
		addr := bench.HTTPWire.Address(servertest.Peer(t, func(c *servertest.Caller) { cancel(errors.New("stopped")); c.Wait() }))
		assert.Equal(t, "stopped", op(ctx, name, addr, file, 0).Failure.Detail)
	}
}

func TestTransferOverHTTP(t *testing.T) {
	dir := t.TempDir()
	addr := serve(t, store(dir))
	for _, size := range []int{0, 1, 96<<10 - 1, 96 << 10, 3<<20 + 2} {
		t.Run(fmt.Sprint(size), func(t *testing.T) { holdRoundTrip(t, addr, dir, "a b%.bin", size) })
	}
	_, err := client.Transfer{Addr: addr}.Size(t.Context(), "none")
	assert.ErrorIs(t, err, protocol.ErrNotFound)
	assert.EqualError(t, err, `server said no: "HTTP/1.1 404 Not Found: 404 page not found"`)
	err = client.Transfer{Addr: addr}.Put(t.Context(), "changed", strings.NewReader("other"), 5, 0)
	assert.ErrorContains(t, err, "the data have changed: their crc32c is")
	assert.NoFileExists(t, filepath.Join(dir, "changed"))
	for _, has := range []bool{false, true} {
		if has {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "poolbench"), nil, 0o600))
		}
		_, err = client.Stats(t.Context(), addr)
		assert.ErrorIs(t, err, protocol.ErrUnknownCommand)
	}
	_, err = client.Stats(t.Context(), bench.HTTPWire.Address(servertest.Peer(t, answers("220 mail ESMTP\r\n"))))
	assert.EqualError(t, err, `speaks another protocol: answered "220 mail ESMTP"`)

	unsized := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "hello")
	})
	n, sum, err := client.Transfer{Addr: unsized}.Get(t.Context(), "a", io.Discard)
	require.NoError(t, err)
	assert.EqualValues(t, 5, n)
	assert.Equal(t, crc32c([]byte("hello")), sum)
	_, err = client.Transfer{Addr: bench.HTTPWire.Address(servertest.Peer(t, answers("220 mail ESMTP\r\n")))}.Size(t.Context(), "a")
	assert.EqualError(t, err, `speaks another protocol: answered "220 mail ESMTP"`)
}

// Whatever a server says, a download that succeeds has brought the fixture, and one that
// does not says why in a line.
func FuzzAnswerOverHTTP(f *testing.F) {
	file, text := fixture(f, 3)
	for _, seed := range []string{
		"", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + string(text), "HTTP/1.0 200 OK\r\n\r\n" + string(text),
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n" + string(text) + "\r\n0\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n" + string(text),
		"HTTP/1.1 404 Not Found\r\n\r\n\x1b\nno", "HTTP/1.1 204 No Content\r\n\r\n", "OK 4\r\n\r\n" + string(text),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		addr := servertest.Peer(t, func(c *servertest.Caller) { _, _ = c.Write(said) })
		s := op(t.Context(), bench.Download, bench.HTTPWire.Address(addr), file, 0)
		if s.OK() {
			assert.Equal(t, int64(len(text)), s.Wire)
		} else {
			assert.NotContains(t, s.Failure.String(), "\n")
			assert.NotEqual(t, bench.LocalError, s.Failure.Reason, s.Failure.Detail)
		}
	})
}
