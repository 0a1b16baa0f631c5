package plan

import (
	"errors"
	"fmt"
	"os"
)

// Check finds errors in combinations of flags. set holds the names of the flags that were
// given, and rest the arguments left over after parsing. It sets Paced.
func (o *Options) Check(set map[string]bool, rest []string) error {
	if set["target"] {
		for _, name := range []string{"pool", "workers", "worker-gomaxprocs", "storage"} {
			if set[name] {
				return fmt.Errorf("-%s is for a server that we start, and -target names one that runs: to label its rows use -target-pool and -target-workers", name)
			}
		}
		if err := o.checkTargets(set); err != nil {
			return err
		}
	} else {
		for _, name := range []string{"target-pool", "target-workers", "target-wait"} {
			if set[name] {
				return fmt.Errorf("-%s is about the server at -target, and there is no -target", name)
			}
		}
	}
	if o.Resume && o.Results == "" {
		return errors.New("-resume needs -results: the folder of the run to continue")
	}
	if o.Plan && o.Resume {
		return errors.New("-plan estimates a whole run, and -resume continues one: give one of them")
	}
	if err := o.checkCommands(set); err != nil {
		return err
	}
	if err := o.checkPace(set); err != nil {
		return err
	}
	if err := o.checkFolders(); err != nil {
		return err
	}
	// go test passes everything after the first flag that it does not know to the binary,
	// including the package. Flags after that would be ignored without a word.
	for _, word := range rest {
		if word != "." {
			return fmt.Errorf("%q is not read: write the flags before the package, and nothing after it", word)
		}
	}
	return nil
}

// checkPace decides between passes and the testing package's own loop.
func (o *Options) checkPace(set map[string]bool) error {
	for _, theirs := range []string{"benchtime", "count"} {
		if !set["test."+theirs] {
			continue
		}
		o.Paced = true
		for _, ours := range append(Flags(Paced), "visit") {
			if set[ours] {
				return fmt.Errorf("-%s makes the testing package measure one cell after another, and -%s is for a run of passes: give one of them", theirs, ours)
			}
		}
	}
	switch {
	case set["passes"] && (set["budget"] || set["precision"]):
		return errors.New("-passes fixes the number of passes, which -budget and -precision would decide: give one of them")
	case o.Control && o.Target != "":
		return errors.New("-control starts a second server, and -target names one that runs: give one of them")
	}
	return nil
}

// checkFolders finds folders that cannot be used before anything is started.
func (o *Options) checkFolders() error {
	if temporary := os.TempDir(); !isFolder(temporary) {
		return fmt.Errorf("the temporary folder %s does not exist: TMPDIR names it", temporary)
	}
	if !o.Discard && o.Storage != "" && !isFolder(o.Storage) {
		return fmt.Errorf("-storage=%q is neither an existing folder nor discard", o.Storage)
	}
	if o.Discard && o.ReadBack {
		return errors.New("-verify=readback fetches what is stored, and -storage=discard stores nothing: give one of them")
	}
	if o.Discard && len(o.Commands) > 0 {
		return errors.New("-storage=discard is for our own servers, and those of -server write what they get: name a folder, such as one in /dev/shm")
	}
	if o.Fixtures == "" {
		return errors.New("-fixtures is empty: name a folder; it is made if missing")
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
