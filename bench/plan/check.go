package plan

import (
	"errors"
	"fmt"
	"os"

	"poolbench/protocol"
)

// Check finds what no flag alone can be blamed for. set holds the names of the
// flags that were given, and rest what was left when they had been read.
func (o *Options) Check(set map[string]bool, rest []string) error {
	if set["target"] {
		for _, name := range []string{"pool", "workers", "worker-gomaxprocs", "storage"} {
			if set[name] {
				return fmt.Errorf("-%s says what server to start, and -target names one that runs: for its rows' names use -target-pool and -target-workers", name)
			}
		}
		if err := protocol.CheckAddr(o.Target); err != nil {
			return fmt.Errorf("-target=%w", err)
		}
	} else {
		for _, name := range []string{"target-pool", "target-workers"} {
			if set[name] {
				return fmt.Errorf("-%s says what the server at -target is, and there is no -target", name)
			}
		}
	}
	if o.Resume && o.Results == "" {
		return errors.New("-resume goes on with the run in the folder of -results, which is not given")
	}
	if o.Plan && o.Resume {
		return errors.New("-plan tells of a whole run, and -resume goes on with one: give one of them")
	}
	if err := o.checkPace(set); err != nil {
		return err
	}
	if err := o.checkFolders(); err != nil {
		return err
	}
	// go test passes everything behind the first flag that it does not know to
	// the binary, the package too; flags behind that would be lost in silence.
	for _, word := range rest {
		if word != "." {
			return fmt.Errorf("%q is not read: write the flags before the package, and nothing behind it", word)
		}
	}
	return nil
}

// checkPace finds whether the run has passes or the testing package's own loop.
func (o *Options) checkPace(set map[string]bool) error {
	for _, theirs := range []string{"benchtime", "count"} {
		if !set["test."+theirs] {
			continue
		}
		o.Paced = true
		for _, ours := range Flags(Paced) {
			if set[ours] {
				return fmt.Errorf("-%s has the testing package measure one cell after the other, and -%s is of a run of passes: give one of them", theirs, ours)
			}
		}
	}
	switch {
	case set["passes"] && (set["budget"] || set["precision"]):
		return errors.New("-passes fixes the number of passes, and -budget and -precision decide it: give one of them")
	case o.Control && o.Target != "":
		return errors.New("-control starts a second server, and -target names one that runs: give one of them")
	}
	return nil
}

// checkFolders finds a folder that could not be used, before anything is begun.
func (o *Options) checkFolders() error {
	if temporary := os.TempDir(); !isFolder(temporary) {
		return fmt.Errorf("the temporary folder %s is not there: TMPDIR names it", temporary)
	}
	if !o.Discard && o.Storage != "" && !isFolder(o.Storage) {
		return fmt.Errorf("-storage=%q is not a folder that exists, nor discard", o.Storage)
	}
	if o.Fixtures == "" {
		return errors.New("-fixtures is empty: name a folder, which is made if it is missing")
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
