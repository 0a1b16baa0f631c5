package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
)

// FileName is the name of the file in the results' folder.
const FileName = "samples.jsonl"

// Journal is a run's place in the file. It is used from one goroutine.
type Journal struct {
	file *os.File
	end  int64 // of what is whole
	left bool  // whether the run before was left unfinished
	err  error // of a write: nothing more is written

	head    Head
	resumed []bench.Result
	totals  map[string]bench.Result // what has been measured of each cell
}

// Open begins a run in a folder, behind those that are there already. If resume
// is set it goes on with the last of them: that has to have been the same, or the
// error names the difference. Nobody else may write there until Close.
func Open(dir string, head Head, resume bool) (*Journal, error) {
	path := filepath.Join(dir, FileName)
	mode := os.O_RDWR
	if !resume {
		mode |= os.O_CREATE
	}
	file, err := os.OpenFile(path, mode, 0o644)
	if resume && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: %s: there is no run to resume", path)
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{file: file, totals: map[string]bench.Result{}}
	if err := j.begin(head, resume); err != nil {
		return nil, fmt.Errorf("journal: %s: %w", path, errors.Join(err, file.Close()))
	}
	return j, nil
}

func (j *Journal) begin(head Head, resume bool) error {
	if err := unix.Flock(int(j.file.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return errors.New("another run writes to it")
	} else if err != nil {
		return os.NewSyscallError("flock", err)
	}
	runs, whole, err := read(j.file)
	if err != nil {
		return err
	}
	if resume {
		if len(runs) == 0 {
			return errors.New("there is no run to resume")
		}
		last := runs[len(runs)-1]
		if difference := last.Head.Difference(head); difference != "" {
			return fmt.Errorf("the run to resume was another: %s", difference)
		}
		whole = j.resume(last, whole)
	}
	if n := len(runs); n > 0 && !resume {
		head.Warnings = append(head.Warnings, machine.WarnMovedStorage(runs[n-1].Head.Environment, head.Environment)...)
		j.left = !runs[n-1].Ended || runs[n-1].Why != ""
	}
	// What a run that was killed has left behind its last whole measurement.
	if err := j.file.Truncate(whole); err != nil {
		return err
	}
	j.end = whole
	head.Kind, head.Schema, head.Time, head.Resumes = kindRun, Schema, time.Now(), resume
	j.head = head
	return j.write(head)
}

// resume keeps what a run has measured, and returns where that ends. Of a cell that
// the testing package was to measure several times in a row and did not, all goes:
// it can only be asked for all of it.
func (j *Journal) resume(last Run, whole int64) (end int64) {
	kept := len(last.Results)
	if count := last.Head.Plan.Count; count > 0 && kept > 0 {
		times := 0
		for cell := last.Results[kept-1].Cell; times < kept && last.Results[kept-1-times].Cell == cell; times++ {
		}
		if left := times % count; left > 0 {
			kept -= left
			whole = last.begins[kept]
		}
	}
	j.resumed = last.Results[:kept]
	for _, r := range j.resumed {
		j.total(r)
	}
	return whole
}

// Unfinished reports whether the run before this one, which this one does not
// resume, did not do all that it had planned.
func (j *Journal) Unfinished() bool { return j.left }

// Warnings are those of the whole run: the head's, and what comes of the run before
// in the same folder.
func (j *Journal) Warnings() []bench.Warning { return j.head.Warnings }

// Resumed returns the visits of the runs that this one resumes, in their order.
func (j *Journal) Resumed() []bench.Result { return j.resumed }

// Add writes a visit, and returns when it is on the disk. After an error nothing more
// is written; what was there before stays.
func (j *Journal) Add(r bench.Result) error {
	return j.write(linesOf(r, j.total(r).Warnings(j.head.Machine()))...)
}

// total adds a visit to those of its cell, and returns them together.
func (j *Journal) total(r bench.Result) bench.Result {
	name := r.Cell.String()
	if before, there := j.totals[name]; there {
		r = before.Add(r)
	}
	j.totals[name] = r
	return r
}

// Close ends the run, for a reason if it did not do all that was planned.
func (j *Journal) Close(why string) error {
	return errors.Join(j.write(endLine{kindEnd, time.Now(), why}), j.file.Close())
}

// write appends lines, all of them or none.
func (j *Journal) write(lines ...any) error {
	if j.err != nil {
		return j.err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	_, err := j.file.WriteAt(text.Bytes(), j.end)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.err = fmt.Errorf("journal: %w", errors.Join(err, j.file.Truncate(j.end)))
		return j.err
	}
	j.end += int64(text.Len())
	return nil
}
