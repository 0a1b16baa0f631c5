package servertest

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// StartOld starts a server that does not know the wire's extensions, and stops it when the
// test ends. It knows UPLOAD and GET, and ignores further words. It writes files in place
// in dir, checks nothing, and leaves what a client that goes away has sent. It returns the
// address.
func StartOld(tb testing.TB, dir string) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
				serveOld(conn, dir)
			})
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return listener.Addr().String()
}

func serveOld(conn net.Conn, dir string) {
	r := bufio.NewReader(conn)
	var header strings.Builder
	for !strings.HasSuffix(header.String(), "\r\n\r\n") {
		c, err := r.ReadByte()
		if err != nil {
			return
		}
		header.WriteByte(c)
	}
	answer := func(text string) { _, _ = io.WriteString(conn, text+"\r\n\r\n") }
	words := strings.Fields(header.String())
	if len(words) < 2 {
		return
	}
	path := filepath.Join(dir, filepath.Base(words[1]))
	switch strings.ToUpper(words[0]) {
	case "UPLOAD":
		if len(words) < 3 {
			answer("ERROR No size provided for UPLOAD")
			return
		}
		size, err := strconv.ParseUint(words[2], 10, 63)
		if err != nil {
			answer("ERROR Invalid size format")
			return
		}
		answer("OK Ready to receive")
		answer(storeOld(path, io.LimitReader(r, int64(size))))
	case "GET":
		file, err := os.Open(path)
		if err != nil {
			answer("ERROR File not found")
			return
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			answer("ERROR Server file error")
			return
		}
		answer(fmt.Sprintf("OK %d", info.Size()))
		_, _ = io.Copy(conn, file)
	default:
		answer("ERROR Unknown command")
	}
}

func storeOld(path string, payload io.Reader) (answer string) {
	file, err := os.Create(path)
	if err != nil {
		return "ERROR Server file error"
	}
	defer file.Close()
	if _, err := io.Copy(file, base64.NewDecoder(base64.StdEncoding, payload)); err != nil {
		return "ERROR Invalid Base64 data stream"
	}
	return "OK Upload complete"
}
