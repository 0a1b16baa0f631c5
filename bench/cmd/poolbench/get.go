package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"poolbench/protocol"
)

// get is one call of poolbench get.
type get struct {
	server
	name, output   string
	want           string // expected checksum; empty accepts any
	stdout, stderr io.Writer
}

func newGet() *cobra.Command {
	g := new(get)
	cmd := &cobra.Command{
		Use:   "get NAME",
		Short: "Download a file, and put it in place when it is complete",
		Long: `Downloads the server's file NAME. It is written to a temporary file beside its
destination, with a name that begins with a dot. When exactly the announced bytes
have arrived, and their CRC-32C is that of --crc32c if given, it replaces the
destination.

With --output - the bytes go to standard output as they arrive, before they are
verified, and the summary line to standard error.

Exit status: 0 if the file is there and verified, 1 if not, 2 for a usage error.`,
		Example:           "  poolbench get file_10mb.txt --addr lab.example:8889 --output /tmp/file_10mb.txt",
		Args:              one("NAME"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			g.name, g.stdout, g.stderr = args[0], cmd.OutOrStdout(), cmd.ErrOrStderr()
			if !cmd.Flags().Changed("output") {
				g.output = g.name
			}
			if err := g.check(); err != nil {
				return err
			}
			return fail(g.run(cmd.Context()))
		},
	}
	g.register(cmd)
	cmd.Flags().StringVar(&g.output, "output", "", "write to this `file`, or to standard output if it is - (default NAME, in this folder)")
	cmd.Flags().StringVar(&g.want, "crc32c", "", "the required checksum, 8 `hexadecimal` digits")
	noFiles(cmd, "crc32c")
	return cmd
}

// check rejects wrong arguments.
func (g *get) check() error {
	if err := g.server.check(); err != nil {
		return err
	}
	if err := protocol.CheckName(g.name); err != nil {
		return err
	}
	if _, err := strconv.ParseUint(g.want, 16, 32); g.want != "" && (err != nil || len(g.want) != 8) {
		return fmt.Errorf("--crc32c=%q is not 8 hexadecimal digits", g.want)
	}
	if g.output == "" {
		return errors.New("--output is empty: name a file, or - for standard output")
	}
	return nil
}

func (g *get) run(ctx context.Context) error {
	if g.output == "-" {
		report, err := g.receive(ctx, g.stdout)
		if err == nil {
			_, err = io.WriteString(g.stderr, report)
		}
		return err
	}
	file, err := place(g.output)
	if err != nil {
		return err
	}
	report, err := g.receive(ctx, file)
	if err == nil {
		err = file.CloseAtomicallyReplace()
	}
	if err != nil {
		if left := file.Cleanup(); left != nil {
			err = fmt.Errorf("%w; %w", err, left)
		}
		return err
	}
	_, err = io.WriteString(g.stdout, report)
	return err
}

// place makes a file that will replace path.
func place(path string) (*renameio.PendingFile, error) {
	// Replace the target of a link, not the link.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a file", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file, so it cannot be replaced: write to standard output, with --output -", path)
	}
	return renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(0o666), renameio.WithExistingPermissions())
}

// receive writes the file to w and returns the summary line.
func (g *get) receive(ctx context.Context, w io.Writer) (report string, err error) {
	transfer, end := g.transfer(g.stderr, g.name)
	defer end()
	began := time.Now()
	size, sum, err := transfer.Get(ctx, g.name, w)
	took := time.Since(began)
	if err != nil {
		return "", fmt.Errorf("get %s from %s: %w", g.name, g.addr, err)
	}
	verified := "its size is as announced"
	if g.want != "" {
		if want, _ := strconv.ParseUint(g.want, 16, 32); sum != uint32(want) {
			return "", fmt.Errorf("get %s from %s: its crc32c is %08x, and not %s", g.name, g.addr, sum, g.want)
		}
		verified = "size and checksum are right"
	}
	return line("get", g.name, size, sum, size, took, verified), nil
}
