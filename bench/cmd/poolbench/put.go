package main

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"poolbench/bench/client"
	"poolbench/protocol"
)

// The values of --verify.
const (
	auto     = "auto"
	readback = "readback"
	off      = "off"
)

var verifications = []string{auto, readback, off}

// put is one call of poolbench put.
type put struct {
	server
	path, name, verify string
	stdout, stderr     io.Writer
}

func newPut() *cobra.Command {
	p := new(put)
	cmd := &cobra.Command{
		Use:   "put FILE",
		Short: "Upload a file, so that the server stores exactly its bytes",
		Long: `Uploads a file as Base64, which the server decodes, so that it stores exactly
the file's bytes. An earlier file of that name is replaced.

The file is read once for its CRC-32C, which goes with the request, and once more
for sending. --verify says how the upload is verified:
  auto      a server that answers STATS has checked the checksum before it put the
            file in place; from any other the file is read back and compared by
            size and checksum
  readback  the file is read back in any case
  off       the server's answer is enough

MB/s counts bytes on the wire, which for an upload are 4/3 of the file's.

Exit status: 0 if the file is there and verified, 1 if not, 2 for a usage error.`,
		Example:           "  poolbench put doc/file_10mb.txt --addr lab.example:8889",
		Args:              one("FILE"),
		ValidArgsFunction: files(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.path, p.stdout, p.stderr = args[0], cmd.OutOrStdout(), cmd.ErrOrStderr()
			if !cmd.Flags().Changed("name") {
				p.name = filepath.Base(p.path)
			}
			if err := p.check(); err != nil {
				return err
			}
			return fail(p.run(cmd.Context()))
		},
	}
	p.register(cmd)
	cmd.Flags().StringVar(&p.name, "name", "", "store it under this `name` (default the file's)")
	cmd.Flags().StringVar(&p.verify, "verify", auto, "how to verify the upload: `auto, readback or off`")
	noFiles(cmd, "name")
	complete(cmd, "verify", verifications)
	return cmd
}

// check rejects wrong arguments.
func (p *put) check() error {
	if err := p.server.check(); err != nil {
		return err
	}
	if err := checkWord("verify", p.verify, verifications); err != nil {
		return err
	}
	if err := protocol.CheckName(p.name); err != nil {
		return fmt.Errorf("%w; --name sets another", err)
	}
	return nil
}

func (p *put) run(ctx context.Context) error {
	file, before, err := openRegular(p.path)
	if err != nil {
		return err
	}
	defer file.Close()
	size, sum, err := checksum(ctx, file)
	if err != nil {
		return fmt.Errorf("read %s: %w", p.path, err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	began := time.Now()
	if err := p.send(ctx, file, size, sum); err != nil {
		return fmt.Errorf("put %s to %s: %w", p.name, p.addr, err)
	}
	took := time.Since(began)
	after, err := file.Stat()
	if err != nil {
		return err
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return fmt.Errorf("%s changed while it was sent", p.path)
	}
	verified, err := p.prove(ctx, size, sum)
	if err != nil {
		return fmt.Errorf("verify %s on %s: %w", p.name, p.addr, err)
	}
	_, err = io.WriteString(p.stdout, line("put", p.name, size, sum, client.TextSize(size), took, verified))
	return err
}

// openRegular opens a file that can be read twice.
func openRegular(path string) (*os.File, os.FileInfo, error) {
	// Check first: opening a pipe waits for a writer.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return nil, nil, fmt.Errorf("%s is a folder: name a file", path)
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s is not a regular file, and must be read twice: write it to one first", path)
	}
	file, err := os.Open(path)
	return file, info, err
}

// checksum reads r to its end.
func checksum(ctx context.Context, r io.Reader) (size int64, crc32c uint32, err error) {
	sum := crc32.New(protocol.Castagnoli)
	size, err = io.Copy(sum, readerFunc(func(b []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return r.Read(b)
	}))
	return size, sum.Sum32(), err
}

type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func (p *put) send(ctx context.Context, file *os.File, size int64, crc32c uint32) error {
	transfer, end := p.transfer(p.stderr, p.name)
	defer end()
	return transfer.Put(ctx, p.name, file, size, crc32c)
}

// prove verifies the upload and returns how.
func (p *put) prove(ctx context.Context, size int64, crc32c uint32) (verified string, err error) {
	switch p.verify {
	case off:
		return "not verified", nil
	case auto:
		// A server with STATS also checks checksums. On any error the file is read back,
		// which is proof in any case.
		if _, err := client.Stats(ctx, p.addr); err == nil {
			return "the server checked it", nil
		}
	}
	transfer, end := p.transfer(p.stderr, "verify "+p.name)
	defer end()
	gotSize, got, err := transfer.Get(ctx, p.name, io.Discard)
	switch {
	case err != nil:
		return "", fmt.Errorf("read back: %w", err)
	case gotSize != size:
		return "", fmt.Errorf("read back: it has %d bytes, and %d were sent", gotSize, size)
	case got != crc32c:
		return "", fmt.Errorf("read back: its crc32c is %08x, and that of what was sent %08x", got, crc32c)
	}
	return "read back and compared", nil
}
