package bench

import (
	"time"

	"github.com/prometheus/procfs"
)

// MachineUse is what a machine did in a time, whoever asked it to.
type MachineUse struct {
	// Steal is the time that the machine's processors were ready to run and a
	// hypervisor ran something else.
	Steal time.Duration
	// ContextSwitches are those of all processes.
	ContextSwitches int64
	// Load1 is the load average of the minute before the end.
	Load1 float64
}

// machineUse returns the use since the machine started. What can't be read is
// zero.
func machineUse() MachineUse {
	var use MachineUse
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return use
	}
	if stat, err := fs.Stat(); err == nil {
		use.Steal = time.Duration(stat.CPUTotal.Steal * float64(time.Second))
		use.ContextSwitches = int64(stat.ContextSwitches)
	}
	if load, err := fs.LoadAvg(); err == nil {
		use.Load1 = load.Load1
	}
	return use
}

// since returns the use between an earlier reading and this one.
func (u MachineUse) since(before MachineUse) MachineUse {
	return MachineUse{max(0, u.Steal-before.Steal), max(0, u.ContextSwitches-before.ContextSwitches), u.Load1}
}
