package machine

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/procfs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// files writes files below a folder.
func files(t *testing.T, root string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

func TestQuota(t *testing.T) {
	v2 := func(path string) []procfs.Cgroup { return []procfs.Cgroup{{Path: path}} }
	v1 := func(path string) []procfs.Cgroup {
		return []procfs.Cgroup{{Path: "/other"}, {HierarchyID: 4, Controllers: []string{"memory"}, Path: "/other"}, {HierarchyID: 3, Controllers: []string{"cpu", "cpuacct"}, Path: path}}
	}
	unified := &procfs.MountInfo{FSType: "cgroup2", Root: "/"}
	cpu := &procfs.MountInfo{FSType: "cgroup", Root: "/", SuperOptions: map[string]string{"rw": "", "cpu": "", "cpuacct": ""}}
	memory := &procfs.MountInfo{FSType: "cgroup", Root: "/", SuperOptions: map[string]string{"memory": ""}}
	part := &procfs.MountInfo{FSType: "cgroup2", Root: "/docker/abc"}
	tests := []struct {
		name      string
		groups    []procfs.Cgroup
		mount     *procfs.MountInfo
		files     map[string]string
		quota     float64
		throttled time.Duration
	}{
		{"none", v2("/a"), unified, map[string]string{"a/cpu.max": "max 100000\n"}, 0, 0},
		{"no files", v2("/a"), unified, nil, 0, 0},
		{"its own", v2("/a/b"), unified, map[string]string{"a/b/cpu.max": "50000 100000\n", "a/b/cpu.stat": "usage_usec 9\nthrottled_usec 1500\n"}, 0.5, 1500 * time.Microsecond},
		{"a parent's", v2("/a/b"), unified, map[string]string{"a/b/cpu.max": "max 100000", "a/cpu.max": "150000 100000", "a/cpu.stat": "throttled_usec 7\n"}, 1.5, 7 * time.Microsecond},
		{"the smallest", v2("/a/b"), unified, map[string]string{"a/b/cpu.max": "300000 100000", "a/cpu.max": "20000 10000"}, 2, 0},
		{"somebody else's", v2("/a"), unified, map[string]string{"b/cpu.max": "50000 100000"}, 0, 0},
		{"throttled without a quota of its own", v2("/a"), unified, map[string]string{"a/cpu.max": "max 100000", "a/cpu.stat": "throttled_usec 7\n"}, 0, 0},
		{"in a container", v2("/docker/abc/x"), part, map[string]string{"x/cpu.max": "30000 100000"}, 0.3, 0},
		{"a container's root", v2("/docker/abc"), part, map[string]string{"cpu.max": "30000 100000"}, 0.3, 0},
		{"outside of what is mounted", v2("/../other"), part, map[string]string{"cpu.max": "30000 100000"}, 0.3, 0},
		{"version 1", v1("/a/b"), cpu, map[string]string{"a/cpu.cfs_quota_us": "25000\n", "a/cpu.cfs_period_us": "100000\n", "a/b/cpu.cfs_quota_us": "-1", "a/b/cpu.cfs_period_us": "100000", "a/cpu.stat": "nr_periods 1\nthrottled_time 900\n"}, 0.25, 900},
		{"version 1 without the controller", v1("/a"), memory, map[string]string{"a/cpu.cfs_quota_us": "25000", "a/cpu.cfs_period_us": "100000"}, 0, 0},
		{"no number", v2("/a"), unified, map[string]string{"a/cpu.max": "much 100000"}, 0, 0},
		{"no period", v2("/a"), unified, map[string]string{"a/cpu.max": "1000 0"}, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			mount := *test.mount
			mount.MountPoint = t.TempDir()
			files(t, mount.MountPoint, test.files)
			groups := groupsOf(test.groups, []*procfs.MountInfo{{FSType: "ext4", Root: "/", MountPoint: "/"}, &mount})
			assert.Equal(t, test.quota, quotaOf(groups))
			assert.Equal(t, test.throttled, throttled(groups))
		})
	}
}
