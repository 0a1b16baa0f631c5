// Package role starts this program again in another role: as a server, as a client. The
// process is started from the open executable, so that a rebuild in the meantime changes
// nothing, and is told its role by a variable of the environment that holds its
// configuration as JSON.
//
// The program's main or TestMain asks for each role that it may have, by [Of], before it
// parses flags.
package role

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// program is the executable of this process, even if its path leads to another by now.
const program = "/proc/self/exe"

// prefix begins the variables of all roles.
const prefix = "POOLBENCH_"

func variable(role string) string { return prefix + strings.ToUpper(role) }

// Of reports whether this process was started in a role, and fills config with what it was
// told. From then on, signals that end a whole job, of a terminal or of CI, do not reach
// it: they are for the process that started it, whose end it sees at its standard input.
// Nor does writing to somebody who has gone end it.
func Of(role string, config any) (bool, error) {
	text, ok := os.LookupEnv(variable(role))
	if !ok {
		return false, nil
	}
	signal.Ignore(os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(config); err != nil {
		return true, fmt.Errorf("%s: %w", variable(role), err)
	}
	return true, nil
}

// Environ returns this process's environment without roles.
func Environ() []string {
	return slices.DeleteFunc(os.Environ(), func(line string) bool { return strings.HasPrefix(line, prefix) })
}

// Process is this program in a role. Its owner waits for its Cmd, and closes In and Out.
type Process struct {
	Cmd *exec.Cmd
	// In is the process's standard input. The kernel closes it when this process ends,
	// however that happens.
	In *os.File
	// Out is its standard output.
	Out *os.File
}

// Start starts this program in a role. The process has the environment of this one, without
// its roles, and a GOMAXPROCS of its own. Its standard error goes to stderr; nil discards it.
func Start(role string, config any, gomaxprocs int, stderr io.Writer) (*Process, error) {
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	stdin, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	out, stdout, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	defer stdout.Close()
	// A test binary that does not ask for its role runs no test with this flag, and ends
	// instead of starting processes without end.
	cmd := exec.Command(program, "-test.run=^$")
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(Environ(), variable(role)+"="+string(text), "GOMAXPROCS="+strconv.Itoa(gomaxprocs))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	return &Process{cmd, in, out}, nil
}
