package journal

import (
	"bytes"
	"cmp"
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

// FileName is the name of the journal in the results folder.
const FileName = "samples.jsonl"

// Journal writes the current run. It is used from one goroutine.
type Journal struct {
	file *os.File
	end  int64 // end of the whole part
	left bool  // the previous run was left unfinished
	err  error // of a write; after it nothing more is written

	head    Head
	resumed []bench.Result
	totals  map[string]bench.Result // what has been measured so far, by cell
}

// Open begins a run in a folder, after the runs that are already there. With resume it
// continues the last one, which must have been the same; otherwise the error names the
// difference. It locks the file until Close.
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
			return fmt.Errorf("the run to resume was different: %s", difference)
		}
		whole = j.resume(last, whole)
		head.ID = cmp.Or(last.Head.ID, head.ID)
	}
	if n := len(runs); n > 0 && !resume {
		head.Warnings = append(head.Warnings, machine.WarnMovedStorage(runs[n-1].Head.Environment, head.Environment)...)
		j.left = runs[n-1].Unfinished() != ""
	}
	// Remove what a killed run left after its last whole visit.
	if err := j.file.Truncate(whole); err != nil {
		return err
	}
	j.end = whole
	head.Kind, head.Schema, head.Time, head.Resumes = kindRun, Schema, time.Now(), resume
	j.head = head
	return j.write(head)
}

// resume takes over the results of a run, and returns where they end. If the testing
// package was to visit a cell several times in a row and did not finish, all of its visits
// are dropped: it can only be asked for all of them.
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

// Unfinished reports whether the previous run, if this one does not resume it, left
// something unmeasured.
func (j *Journal) Unfinished() bool { return j.left }

// Warnings returns the warnings of the whole run: the head's, and those from a comparison
// with the previous run in the folder.
func (j *Journal) Warnings() []bench.Warning { return j.head.Warnings }

// ID returns that of the run's head.
func (j *Journal) ID() string { return j.head.ID }

// Resumed returns the results of the resumed runs, in order.
func (j *Journal) Resumed() []bench.Result { return j.resumed }

// Add writes a result and returns once it is on disk. After an error nothing more is
// written; what was written before stays.
func (j *Journal) Add(r bench.Result) error {
	return j.write(linesOf(r, j.total(r).Warnings(j.head.Machine()))...)
}

// total adds a result to those of its cell and returns the sum.
func (j *Journal) total(r bench.Result) bench.Result {
	name := r.Cell.String()
	if before, there := j.totals[name]; there {
		r = before.Add(r)
	}
	j.totals[name] = r
	return r
}

// Close ends the run. why is the reason if it did not measure all of its plan, otherwise
// empty.
func (j *Journal) Close(why string) error {
	return errors.Join(j.write(endLine{kindEnd, time.Now(), why}), j.file.Close())
}

// write appends all lines or none.
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
