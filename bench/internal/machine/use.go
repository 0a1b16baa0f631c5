package machine

import (
	"poolbench/bench"
	"time"

	"github.com/prometheus/procfs"
)

// machineUse returns the use since the machine started. What can't be read is
// zero.
func Use() bench.MachineUse {
	var use bench.MachineUse
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
