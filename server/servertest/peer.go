package servertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Caller is a connection that a [Peer] has accepted.
type Caller struct {
	*net.TCPConn
	Test  context.Context // ends before the peer does
	Stats bool            // whether it asked for STATS
	Words []string        // of its request
}

// Say sends the text.
func (c *Caller) Say(text string) { _, _ = io.WriteString(c, text) }

// Send announces size bytes and sends the payload, which may be longer or shorter.
func (c *Caller) Send(size int, payload []byte) {
	c.Say(fmt.Sprintf("OK %d\r\n\r\n", size))
	_, _ = c.Write(payload)
}

// SendText sends a text as a whole file.
func (c *Caller) SendText(text string) { c.Send(len(text), []byte(text)) }

// Ready lets the client upload and reads n bytes.
func (c *Caller) Ready(n int64) {
	c.Say("OK Ready to receive\r\n\r\n")
	_, _ = io.CopyN(io.Discard, c, n)
}

// Wait waits until the client has closed.
func (c *Caller) Wait() { _, _ = io.Copy(io.Discard, c) }

// Peer starts a server that reads the request of each connection, calls serve, and closes
// the connection. It stops when the test ends. It returns the address.
func Peer(t *testing.T, serve func(c *Caller)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serveCallers(t, listener, serve)
	return listener.Addr().String()
}

// serveCallers serves a listener until it is closed or the test ends.
func serveCallers(t *testing.T, listener net.Listener, serve func(c *Caller)) {
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
				serve(&Caller{conn.(*net.TCPConn), t.Context(), bytes.HasPrefix(request, []byte("STATS")), strings.Fields(string(request))})
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
}
