package client_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"log"
	"os"
	"strings"
	"time"

	"poolbench/bench/client"
	"poolbench/protocol"
	"poolbench/server"
)

// A file is put on a server and fetched again. A server stores what an upload's Base64
// decodes to, and sends what it has stored.
func ExampleTransfer() {
	storage, err := os.MkdirTemp("", "storage-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(storage)
	s, err := server.Listen(server.Config{Addr: "127.0.0.1:0", Storage: storage})
	if err != nil {
		log.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve() }()

	ctx := context.Background()
	transfer := client.Transfer{Addr: s.Addr().String(), Idle: 10 * time.Second}
	const text = "hello, pool"
	if err := transfer.Put(ctx, "hello.txt", strings.NewReader(text), int64(len(text)), crc32.Checksum([]byte(text), protocol.Castagnoli)); err != nil {
		log.Fatal(err)
	}
	var got strings.Builder
	size, sum, err := transfer.Get(ctx, "hello.txt", &got)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes, crc32c %08x: %s\n", size, sum, got.String())

	_, err = transfer.Size(ctx, "gone.txt")
	fmt.Println(err)

	if err := s.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	<-served
	// Output:
	// 11 bytes, crc32c c010a097: hello, pool
	// server said no: "File not found"
}
