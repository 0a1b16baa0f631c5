package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// caller is a connection to a peer that a test makes up.
type caller struct {
	*net.TCPConn
	test  context.Context // ends before the peer does
	stats bool            // was what it asked for
}

func (c *caller) say(text string) { _, _ = io.WriteString(c, text) }

// send announces so many bytes and sends what may be more or fewer.
func (c *caller) send(size int, payload []byte) {
	c.say(fmt.Sprintf("OK %d\r\n\r\n", size))
	_, _ = c.Write(payload)
}

func (c *caller) sendText(text string) { c.send(len(text), []byte(text)) }

// ready takes so many bytes of an upload.
func (c *caller) ready(n int64) {
	c.say("OK Ready to receive\r\n\r\n")
	_, _ = io.CopyN(io.Discard, c, n)
}

// wait waits until the client has closed.
func (c *caller) wait() { _, _ = io.Copy(io.Discard, c) }

// peer listens, reads the request of each connection, serves it, closes it, and
// is gone when the test has ended.
func peer(t *testing.T, serve func(c *caller)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
				var request []byte
				for one := make([]byte, 1); !bytes.HasSuffix(request, []byte("\r\n\r\n")); request = append(request, one...) {
					if _, err := conn.Read(one); err != nil {
						return
					}
				}
				serve(&caller{conn.(*net.TCPConn), t.Context(), bytes.HasPrefix(request, []byte("STATS"))})
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return listener.Addr().String()
}
