package server_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"poolbench/server"
)

// A server of five threads, which is asked for a file that it does not have.
func ExampleListen() {
	storage, err := os.MkdirTemp("", "storage-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(storage)
	s, err := server.Listen(server.Config{Addr: "127.0.0.1:0", Pool: server.Thread, Workers: 5, Storage: storage})
	if err != nil {
		log.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve() }()

	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET report.pdf\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", answer)

	if err := s.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-served)
	// Output:
	// "ERROR File not found\r\n\r\n"
	// server: closed
}
