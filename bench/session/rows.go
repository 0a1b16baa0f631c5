package session

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"

	"poolbench/bench"
)

// TextName is the file in the results folder with the rows and comments of the run, in the
// format that benchstat reads.
const TextName = "bench.txt"

// openText creates the file anew. The rows of resumed runs are written again from the
// journal, so that none is missing or repeated.
func openText(dir string) (*os.File, error) {
	return os.Create(filepath.Join(dir, TextName))
}

func remove(paths ...string) error {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// rows writes the lines of a run to a stream and to a file.
type rows struct {
	out   io.Writer
	file  *os.File // nil if there is none
	quiet bool     // the stream gets only comments
	err   error    // of writing the file
}

// newRows returns rows that leave the stream to comments and progress if it is a terminal,
// progress is shown, and a file has the rows.
func newRows(out io.Writer, file *os.File, progress bool) *rows {
	screen, ok := out.(*os.File)
	return &rows{out: out, file: file, quiet: ok && file != nil && progress && term.IsTerminal(int(screen.Fd()))}
}

// line writes a line to stream and file.
func (r *rows) line(text string) {
	if !r.quiet {
		_, _ = fmt.Fprintln(r.out, text) // a reader that has gone needs no rows; the file has them
	}
	r.own(text)
}

// own writes a line to the file only.
func (r *rows) own(text string) {
	if r.file != nil && r.err == nil {
		_, r.err = fmt.Fprintln(r.file, text)
	}
}

func (r *rows) comment(text string) { _, _ = r.Write([]byte("# " + text + "\n")) }

// Write writes text, which must consist of comments, to stream and file.
func (r *rows) Write(text []byte) (int, error) {
	_, _ = r.out.Write(text)
	if r.file != nil && r.err == nil {
		_, r.err = r.file.Write(text)
	}
	return len(text), nil
}

// row writes the row of a result: always to the file, and to the stream unless the testing
// package writes it there.
func (r *rows) row(name string, result bench.Result, stream bool) error {
	line := name + "/" + result.Cell.String()
	if procs := runtime.GOMAXPROCS(0); procs > 1 {
		line += fmt.Sprintf("-%d", procs)
	}
	line += fmt.Sprintf("\t%d", max(1, len(result.Rounds)))
	for _, m := range result.Metrics() {
		if m.Unit != "ns/op" || m.Value > 0 {
			line += "\t" + value(m.Value) + " " + m.Unit
		}
	}
	if stream {
		r.line(line)
	} else {
		r.own(line)
	}
	return r.err
}

// value formats a number with four digits, or with all of those before the point: x/perf's
// writer gives large numbers an exponent.
func value(v float64) string {
	decimals := 0
	if size := math.Abs(v); size > 0 && size < 1000 {
		decimals = min(9, max(0, 3-int(math.Floor(math.Log10(size)))))
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// sync flushes the file to disk.
func (r *rows) sync() error {
	if r.file != nil && r.err == nil {
		r.err = r.file.Sync()
	}
	return r.err
}

// close flushes and closes the file.
func (r *rows) close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.sync(), r.file.Close())
}
