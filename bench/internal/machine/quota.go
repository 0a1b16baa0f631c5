package machine

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/procfs"
)

// Quota returns how many processors' worth of CPU time the cgroups of this process allow it
// and its children; 0 means that they set no limit, or that it is unknown.
func Quota() float64 { return quotaOf(limits()) }

// QuotaWords returns Quota for a reader: a number, or none.
func QuotaWords() string {
	if quota := Quota(); quota > 0 {
		return strconv.FormatFloat(quota, 'g', 4, 64)
	}
	return "none"
}

// Processors returns how many processors the children of this process can keep busy.
func Processors() int {
	if quota := Quota(); quota > 0 {
		return min(runtime.NumCPU(), max(1, int(math.Ceil(quota))))
	}
	return runtime.NumCPU()
}

// quotaOf returns the smallest quota.
func quotaOf(groups []group) (least float64) {
	for _, g := range groups {
		if least == 0 || g.quota < least {
			least = g.quota
		}
	}
	return least
}

// throttled returns for how long the cgroups have kept threads that were ready to run from
// running, added up over processors.
func throttled(groups []group) (sum time.Duration) {
	for _, g := range groups {
		sum += g.throttled()
	}
	return sum
}

// limits are the cgroups with a CPU quota that applies to this process: its own, and those
// above. They are found once, because they are asked before and after each round.
var limits = sync.OnceValue(func() []group {
	self, err := procfs.Self()
	if err != nil {
		return nil
	}
	memberships, err := self.Cgroups()
	if err != nil {
		return nil
	}
	mounts, err := procfs.GetMounts()
	if err != nil {
		return nil
	}
	return groupsOf(memberships, mounts)
})

// group is a cgroup with a quota, of either version.
type group struct {
	dir   string
	v1    bool
	quota float64 // in processors
}

// groupsOf returns the cgroups with a quota, innermost first.
func groupsOf(memberships []procfs.Cgroup, mounts []*procfs.MountInfo) []group {
	var groups []group
	for _, m := range memberships {
		v1 := slices.Contains(m.Controllers, "cpu")
		if !v1 && m.HierarchyID != 0 { // 0 is version 2, which has every controller
			continue
		}
		for _, mount := range mounts {
			_, cpu := mount.SuperOptions["cpu"]
			if v1 && (mount.FSType != "cgroup" || !cpu) || !v1 && mount.FSType != "cgroup2" {
				continue
			}
			// In a container the mount shows a part of the tree.
			below, err := filepath.Rel(mount.Root, m.Path)
			if err != nil || strings.HasPrefix(below, "..") {
				below = "."
			}
			for ; ; below = filepath.Dir(below) {
				dir := filepath.Join(mount.MountPoint, below)
				if quota := quotaIn(dir, v1); quota > 0 {
					groups = append(groups, group{dir, v1, quota})
				}
				if below == "." {
					break
				}
			}
			break
		}
	}
	return groups
}

// quotaIn returns the quota of the cgroup with this folder, 0 if it has none.
func quotaIn(dir string, v1 bool) float64 {
	quota, period := "", ""
	if v1 {
		quota, period = word(filepath.Join(dir, "cpu.cfs_quota_us")), word(filepath.Join(dir, "cpu.cfs_period_us"))
	} else {
		quota, period, _ = strings.Cut(word(filepath.Join(dir, "cpu.max")), " ")
	}
	time, err := strconv.ParseFloat(quota, 64) // not max, not unknown
	of, err2 := strconv.ParseFloat(period, 64)
	if err != nil || err2 != nil || time <= 0 || of <= 0 { // -1 is no quota
		return 0
	}
	return time / of
}

func (g group) throttled() time.Duration {
	text, _ := os.ReadFile(filepath.Join(g.dir, "cpu.stat")) // empty if it cannot be read
	key, unit := "throttled_usec", time.Microsecond
	if g.v1 {
		key, unit = "throttled_time", time.Nanosecond
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), " "); name == key {
			n, _ := strconv.ParseInt(value, 10, 64)
			return time.Duration(n) * unit
		}
	}
	return 0
}
