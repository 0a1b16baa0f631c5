package machine

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/procfs"

	"poolbench/bench"
)

// lookupTimeout bounds the lookup of a target's name.
const lookupTimeout = 5 * time.Second

// busyWindow is how long the machine is observed before a run: 15 ticks of the kernel's
// accounting per processor.
const busyWindow = 150 * time.Millisecond

// busy is the share of CPU time from which on the machine is not idle.
const busy = 0.1

// WarnBusy observes the machine for 150 ms, in which the caller must have nothing running,
// and warns if at least a tenth of its CPU time was in use. If the context ends, there is
// no warning.
func WarnBusy(ctx context.Context) []bench.Warning {
	before, err := cpuTimes()
	if err != nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(busyWindow):
	}
	after, err := cpuTimes()
	if err != nil {
		return nil
	}
	return warnOfUse(before, after)
}

// cpuTimes returns the CPU times of the machine since it started, in seconds.
func cpuTimes() (procfs.CPUStat, error) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return procfs.CPUStat{}, err
	}
	stat, err := fs.Stat()
	return stat.CPUTotal, err
}

// warnOfUse warns about the use between two readings: all CPU time except idle time and
// waits for a disk.
func warnOfUse(before, after procfs.CPUStat) []bench.Warning {
	idle := after.Idle + after.Iowait - before.Idle - before.Iowait
	used := sumOfUse(after) - sumOfUse(before)
	share := min(1, used/(used+idle)) // rounding may exceed 1
	if !(share >= busy) {             // also false for NaN, if no time passed
		return nil
	}
	return []bench.Warning{{Kind: bench.MachineBusy, Value: share, Text: fmt.Sprintf("the machine was %.0f %% busy in the %d ms before the run: read times as shared with what else runs there", 100*share, busyWindow.Milliseconds())}}
}

func sumOfUse(s procfs.CPUStat) float64 {
	return s.User + s.Nice + s.System + s.IRQ + s.SoftIRQ + s.Steal // guests are in User
}

// WarnGovernor warns if, according to the environment, the processors' clock is not fixed
// at its highest.
func WarnGovernor(env map[string]string) []bench.Warning {
	governor := env["cpu-governor"]
	if slices.Contains([]string{"", "unknown", "performance"}, governor) {
		return nil
	}
	return []bench.Warning{{Kind: bench.Governor, Text: fmt.Sprintf("the CPU governor is %s: read times as those of a clock that changes with the load; performance keeps it", governor)}}
}

// WarnSharedCores warns if a server is on this machine, and so shares processors with the
// clients. Servers of our own have no targets.
func WarnSharedCores(ctx context.Context, targets []string) []bench.Warning {
	if len(targets) > 0 && !slices.ContainsFunc(targets, func(addr string) bool { return isHere(ctx, addr) }) {
		return nil
	}
	cpus := runtime.NumCPU()
	return []bench.Warning{{Kind: bench.SharedCores, Value: float64(cpus), Text: fmt.Sprintf("server and clients share this machine's processors, of which there are %d: read MB/s as what both do together, and the server alone as faster", cpus)}}
}

// isHere reports whether the host of an address is known to be this machine.
func isHere(ctx context.Context, addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return false
	}
	var ours []netip.Addr
	interfaces, _ := net.InterfaceAddrs()
	for _, own := range interfaces {
		if prefix, err := netip.ParsePrefix(own.String()); err == nil {
			ours = append(ours, prefix.Addr())
		}
	}
	return slices.ContainsFunc(found, func(a netip.Addr) bool {
		a = a.Unmap()
		return a.IsLoopback() || a.IsUnspecified() || slices.Contains(ours, a.WithZone(""))
	})
}

// WarnMovedStorage warns if the storage is on another type of filesystem than in the
// previous run, given the environments of both.
func WarnMovedStorage(before, now map[string]string) []bench.Warning {
	was, is := before["storage-filesystem"], now["storage-filesystem"]
	unknown := []string{"", "unknown"}
	if was == is || slices.Contains(unknown, was) || slices.Contains(unknown, is) {
		return nil
	}
	return []bench.Warning{{Kind: bench.StorageMoved, Text: fmt.Sprintf("the storage is on %s, and was on %s in the run before: read a difference to that run as the disk's", is, was)}}
}
