package machine

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"

	"poolbench/bench"
)

// Environment returns by name what may influence a measurement on this machine, or
// "unknown". The fixtures folder need not exist yet.
func Environment(storage, fixtures string) map[string]string {
	env := map[string]string{
		"kernel": Kernel(), "go": runtime.Version(),
		"cpus": strconv.Itoa(runtime.NumCPU()), "gomaxprocs": strconv.Itoa(runtime.GOMAXPROCS(0)),
		"cpu-model": "unknown", "memory": "unknown", "cpu-caches": caches(), "cpu-quota": QuotaWords(),
		"storage-filesystem": Filesystem(storage), "fixtures-filesystem": Filesystem(existing(fixtures)),
	}
	if fs, err := procfs.NewDefaultFS(); err == nil {
		if cpus, err := fs.CPUInfo(); err == nil && len(cpus) > 0 {
			env["cpu-model"] = cpus[0].ModelName
		}
		if memory, err := fs.Meminfo(); err == nil && memory.MemTotalBytes != nil {
			// Rounded to a tenth, because what the kernel reserves varies from boot to boot.
			env["memory"] = fmt.Sprintf("%.1f GiB", float64(*memory.MemTotalBytes)/(1<<30))
		}
	}
	for name, path := range map[string]string{
		"cpu-governor":           "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
		"cgroup-memory-max":      "/sys/fs/cgroup/memory.max",
		"tcp-congestion-control": "/proc/sys/net/ipv4/tcp_congestion_control",
		"tcp-rmem":               "/proc/sys/net/ipv4/tcp_rmem",
		"tcp-wmem":               "/proc/sys/net/ipv4/tcp_wmem",
	} {
		env[name] = word(path)
	}
	return env
}

// existing returns dir, or its nearest parent that exists.
func existing(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

// word returns the text of a short kernel file, with single blanks.
func word(path string) string {
	text, err := os.ReadFile(path)
	if err != nil || len(text) == 0 {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// caches returns the sizes of the first processor's caches, as "L1d 32K, L2 1024K".
func caches() string {
	indices, _ := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*")
	var all []string
	for _, index := range indices {
		kind := map[string]string{"Data": "d", "Instruction": "i"}[word(filepath.Join(index, "type"))]
		all = append(all, fmt.Sprintf("L%s%s %s", word(filepath.Join(index, "level")), kind, word(filepath.Join(index, "size"))))
	}
	if all == nil {
		return "unknown"
	}
	return strings.Join(all, ", ")
}

// Program returns the SHA-256 of the running executable, in hexadecimal digits.
func Program() (string, error) {
	file, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// Use returns the use of the machine since it started. What cannot be read is zero.
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
	use.Throttled = throttled(limits())
	if load, err := fs.LoadAvg(); err == nil {
		use.Load1 = load.Load1
	}
	return use
}
