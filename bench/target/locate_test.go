package target_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/target"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// serveNames answers DNS for every name with IPv4 addresses, and makes it the resolver. Each
// query for one is reported.
func serveNames(t *testing.T, addresses ...[4]byte) (asked <-chan struct{}) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Resolver: before}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	served, queries := make(chan struct{}), make(chan struct{}, 1000)
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = conn.Close()
		<-served
	})
	go func() {
		defer close(served)
		for query := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			answer, names := answerNames(query[:n], addresses)
			if names {
				queries <- struct{}{}
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return queries
}

// answerNames answers a query of one question, and reports whether it is for IPv4 addresses.
func answerNames(query []byte, addresses [][4]byte) (answer []byte, names bool) {
	end := 12
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5 // the root, type and class
	answer = append([]byte{}, query[:end]...)
	if names = binary.BigEndian.Uint16(query[end-4:]) == 1; !names {
		addresses = nil
	}
	copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, byte(len(addresses)), 0, 0, 0, 0})
	for _, address := range addresses {
		answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
		answer = append(answer, address[:]...)
	}
	return answer, names
}

// Over HTTP the server is still asked for by its name.
func TestNameOverHTTP(t *testing.T) {
	asked := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Host + r.URL.Path }))
	t.Cleanup(s.Close)
	place := s.Listener.Addr().String()
	serveNames(t, [4]byte{127, 0, 0, 1})
	_, port, err := net.SplitHostPort(place)
	require.NoError(t, err)
	at := net.JoinHostPort("lab.example", port)
	r, err := target.Find(t.Context(), address(bench.Wire("http/base").Address(at)))
	require.NoError(t, err)
	file := fixture(t, fixtures.KiB)
	found, _, failed := serve(t, r, bench.Download, file)
	assert.Zero(t, failed)
	assert.Equal(t, place, bench.Place(found.Addr))
	assert.Equal(t, "http://"+at+"/base/", r.Side().Target, "what the reader is told")
	assert.Equal(t, at+"/base/poolbench", <-asked)
	assert.Equal(t, at+"/base/"+file.Name(), <-asked)
}

// A name is looked up before the ops, which connect to an address.
func TestNames(t *testing.T) {
	place := servertest.Start(t, server.Config{}).Addr().String()
	_, port, err := net.SplitHostPort(place)
	require.NoError(t, err)
	here, dead := [4]byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 2}
	for _, row := range []struct {
		name, host string
		addresses  [][4]byte
		addr, note string
	}{
		{"an address", "127.0.0.1", nil, place, ""},
		{"localhost", "localhost", nil, "localhost:" + port, ""},
		{"a name", "lab.example", [][4]byte{here}, place, ""},
		{"two addresses", "lab.example", [][4]byte{here, dead}, place, ""},
		{"a dead first address", "lab.example", [][4]byte{dead, here}, place,
			"; lab.example has 2 addresses, of which the first, 127.0.0.2:" + port + ", is dead (refused the connection: nothing listens there): " + place + " is measured"},
	} {
		t.Run(row.name, func(t *testing.T) {
			serveNames(t, row.addresses...)
			at := net.JoinHostPort(row.host, port)
			r, err := target.Find(t.Context(), address(at))
			require.NoError(t, err)
			s, _, failed := serve(t, r, bench.Upload, fixtures.File{})
			assert.Zero(t, failed)
			assert.Equal(t, row.addr, s.Addr)
			assert.Equal(t, at, r.Side().Target, "what the reader is told")
			if row.note != "" {
				assert.Contains(t, r.Note, row.note)
			} else {
				assert.NotContains(t, r.Note, "dead")
			}
		})
	}
}
