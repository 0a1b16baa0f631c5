package plan

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mvdan.cc/sh/v3/shell"

	"poolbench/bench"
)

// Command is how to start somebody's server. Its name is a pool.
type Command struct {
	Name string
	// Text is the command as it was given, in one line, for the reader.
	Text  string
	Words []string // with placeholders
	Env   []string // added to this program's, with placeholders too
	// Listed is set if the command is in a file, of which a run may measure a part.
	Listed bool
	// Ready is a regular expression for the line of output that says that the server
	// serves. Empty means that it does once it listens. Start is how long that may take.
	Ready string
	Start time.Duration
	// Signal asks it to end; Grace is how long it may take.
	Signal syscall.Signal
	Grace  time.Duration
	// Wire is how clients talk to the server. It is empty until [Options.Check] if the
	// command has none of its own.
	Wire bench.Wire
	// Workers are the numbers of workers that it supports. Nil means any.
	Workers []int
}

// What a command may contain. Each is replaced within a word, so a value with a blank stays
// one word.
const (
	hostPlaceholder    = "{host}"
	portPlaceholder    = "{port}"
	workersPlaceholder = "{workers}"
	// StoragePlaceholder is an empty folder, in which downloads are put and from which
	// uploads are removed.
	StoragePlaceholder = "{storage}"
	logPlaceholder     = "{log}"
)

var placeholders = []string{hostPlaceholder, portPlaceholder, workersPlaceholder, StoragePlaceholder, logPlaceholder}

// Placeholders are the values that replace them.
type Placeholders struct {
	Host, Storage, Log string
	Port, Workers      int
}

// Replace returns the words with the values in place of the placeholders.
func (values Placeholders) Replace(words []string) []string {
	replace := strings.NewReplacer(
		hostPlaceholder, values.Host, portPlaceholder, strconv.Itoa(values.Port), workersPlaceholder, strconv.Itoa(values.Workers),
		StoragePlaceholder, values.Storage, logPlaceholder, values.Log,
	)
	replaced := make([]string, len(words))
	for i, word := range words {
		replaced[i] = replace.Replace(word)
	}
	return replaced
}

// Has reports whether the command or its environment contains a placeholder.
func (c Command) Has(placeholder string) bool {
	return slices.ContainsFunc(slices.Concat(c.Words, c.Env), func(word string) bool { return strings.Contains(word, placeholder) })
}

// Supports reports whether the command's server may have this many workers.
func (c Command) Supports(workers int) bool {
	return c.Workers == nil || slices.Contains(c.Workers, workers)
}

// String returns the command as -server takes it, after its environment and any wire but
// the lab's.
func (c Command) String() string {
	words := slices.Clone(c.Env)
	if c.Wire != "" && c.Wire != bench.LabWire {
		words = append(words, string(c.Wire))
	}
	return strings.Join(append(words, c.Name+"="+c.Text), " ")
}

// The defaults of a command.
const (
	startTime = 30 * time.Second
	graceTime = 5 * time.Second
)

// parseCommand parses NAME=COMMAND.
func parseCommand(text string) (Command, error) {
	name, command, ok := strings.Cut(text, "=")
	if !ok {
		return Command{}, fmt.Errorf("want NAME=COMMAND, such as 'mine=python3 server.py --port %s --workers %s'", portPlaceholder, workersPlaceholder)
	}
	return newCommand(name, command)
}

// newCommand splits a command into words as a shell does, but runs no shell.
func newCommand(name, text string, env ...string) (Command, error) {
	c := Command{Name: name, Text: strings.Join(strings.FieldsFunc(strings.TrimSpace(text), isLineEnd), " "), Start: startTime, Signal: syscall.SIGTERM, Grace: graceTime}
	if err := checkName(name); err != nil {
		return c, err
	}
	words, err := shell.Fields(text, nil)
	if err != nil {
		return c, fmt.Errorf("%s: the command cannot be split into words as a shell does: %w", name, err)
	}
	if len(words) == 0 {
		return c, fmt.Errorf("%s: the command is empty", name)
	}
	c.Words, c.Env = words, env
	for _, word := range slices.Concat(words, env) {
		for _, found := range brace.FindAllString(word, -1) {
			if !slices.Contains(placeholders, found) {
				return c, fmt.Errorf("%s: unknown placeholder %s: known are %s", name, found, strings.Join(placeholders, " "))
			}
		}
	}
	if !c.Has(portPlaceholder) {
		return c, fmt.Errorf("%s: the command has no %s: the server is told by it where to listen", name, portPlaceholder)
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func isLineEnd(r rune) bool { return r == '\n' || r == '\r' }

var brace = regexp.MustCompile(`\{[a-z]+\}`)

func checkName(name string) error {
	switch {
	case !bench.IsPool(name):
		return fmt.Errorf("%q is no name for a server: %w", name, errPoolName)
	case name == bench.Control || name == bench.Remote || name == "server": // server.log is ours
		return fmt.Errorf("%q is no name for a server: it has a meaning of its own", name)
	}
	return nil
}

// Command returns the command whose name is the pool.
func (o *Options) Command(pool string) (c Command, there bool) {
	i := slices.IndexFunc(o.Commands, func(c Command) bool { return c.Name == pool })
	if i < 0 {
		return Command{}, false
	}
	return o.Commands[i], true
}

// addCommands adds commands, whose names must be new.
func (o *Options) addCommands(commands ...Command) error {
	for _, c := range commands {
		if _, there := o.Command(c.Name); there || slices.Contains(o.known, c.Name) {
			return fmt.Errorf("there is a pool %s already: give the server another name", c.Name)
		}
		o.Commands = append(o.Commands, c)
	}
	return nil
}

// checkCommands decides which pools are measured: those of -pool, otherwise the commands if
// there are any.
func (o *Options) checkCommands(set map[string]bool) error {
	names := slices.Clone(o.known)
	for _, c := range o.Commands {
		names = append(names, c.Name)
	}
	if !set["pool"] && len(o.Commands) > 0 {
		o.Pools = names[len(o.known):]
	}
	for _, pool := range o.Pools {
		if !slices.Contains(names, pool) {
			return fmt.Errorf("-pool: there is no pool %q; known are %s", pool, strings.Join(names, ", "))
		}
	}
	o.Commands = slices.DeleteFunc(o.Commands, func(c Command) bool { return c.Listed && !slices.Contains(o.Pools, c.Name) })
	for i := range o.Commands {
		o.Commands[i].Wire = cmp.Or(o.Commands[i].Wire, o.Wire)
	}
	if set["wire"] && len(o.Commands) == 0 && o.Target == "" {
		return errors.New("-wire is for the servers of -server, -servers and -target, and there are none: our own speak the lab's wire")
	}
	for _, c := range o.Commands {
		switch {
		case !slices.Contains(o.Pools, c.Name):
			return fmt.Errorf("-pool leaves out %s, which -server starts: give its name, or leave out -server", c.Name)
		case len(o.Matrix.Workers) > 1 && !c.Has(workersPlaceholder):
			return fmt.Errorf("-server %s: the command has no %s, so that each number of -workers would measure the same: use it, or give one number", c.Name, workersPlaceholder)
		case !slices.ContainsFunc(o.Matrix.Workers, c.Supports):
			return fmt.Errorf("-workers has no number that %s supports, which are %s", c.Name, listText(c.Workers))
		}
	}
	if len(o.Commands) > 0 && o.Target != "" {
		return errors.New("-server starts servers, and -target names one that runs: give one of them")
	}
	return nil
}
