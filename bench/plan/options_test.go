package plan_test

import (
	"flag"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

func newOptions(t *testing.T, args ...string) *plan.Options {
	t.Helper()
	options, err := parse(args...)
	require.NoError(t, err)
	return options
}

// parse parses flags as the benchmark does.
func parse(args ...string) (*plan.Options, error) {
	var options plan.Options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	options.Register(flags, []string{"thread", "process", "goroutine"}, []string{"thread", "process"})
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return &options, options.Check(set, flags.Args())
}

func TestOptionsDefaults(t *testing.T) {
	options := newOptions(t)
	assert.Equal(t, reference.Cells(), options.Cells())
	assert.Equal(t, 1, options.WorkerGOMAXPROCS)
	assert.True(t, options.Verify)
	assert.False(t, options.SinkFile)
	assert.False(t, options.Discard)
	assert.Equal(t, 5*time.Minute, options.OpTimeout)
	assert.Equal(t, 1, options.Warmup)
}

func TestOptions(t *testing.T) {
	options := newOptions(t, "-op=download", "-volume=1KiB, 2MB", "-clients=3", "-workers=7,8", "-pool=goroutine,thread",
		"-worker-gomaxprocs=3", "-verify=off", "-sink=file", "-storage=discard", "-op-timeout=1s", "-cell-timeout=2m", "-warmup=0", "-allow-failures",
		"-results=r", "-fixtures=f", ".")
	assert.Equal(t, bench.Matrix{
		Pools: []string{"goroutine", "thread"}, Ops: []bench.Op{bench.Download}, Workers: []int{7, 8},
		Volumes: []fixtures.Size{fixtures.KiB, 2 * fixtures.MiB}, Clients: []int{3}, ClientPools: []bench.ClientPool{bench.ThreadClients},
	}, options.Matrix)
	assert.False(t, options.Verify)
	assert.True(t, options.SinkFile)
	assert.True(t, options.Discard)
	assert.Equal(t, 3, options.WorkerGOMAXPROCS)
	assert.Empty(t, options.Storage)
	assert.Equal(t, time.Second, options.OpTimeout)
	assert.Equal(t, 2*time.Minute, options.CellTimeout)
	assert.Zero(t, options.Warmup)
	assert.True(t, options.AllowFailures)
	assert.Equal(t, "r", options.Results)
	assert.Equal(t, "f", options.Fixtures)

	remote := newOptions(t, "-target=lab:8889", "-target-pool=thread", "-target-workers=5")
	assert.Equal(t, "lab:8889", remote.Target)
	assert.Equal(t, "thread", remote.TargetPool)
	assert.Equal(t, 5, remote.TargetWorkers)
	assert.Equal(t, "/proc", newOptions(t, "-storage=/proc").Storage)

	assert.Equal(t, bench.ClientPools(), newOptions(t, "-client-pool=thread, process").ClientPools)
	assert.Equal(t, []bench.ClientPool{bench.ProcessClients}, newOptions(t, "-client-pool=process", "-target=lab:8889").ClientPools)
}

func TestOptionsErrors(t *testing.T) {
	for _, row := range []struct {
		arg  string
		want string
	}{
		{"-op=copy", `invalid value "copy" for flag -op: unknown; known are upload, download`},
		{"-op=upload,copy", `invalid value "upload,copy" for flag -op: unknown; known are upload, download`},
		{"-op=", `invalid value "" for flag -op: unknown; known are upload, download`},
		{"-pool=fibre", `-pool: there is no pool "fibre"; known are thread, process, goroutine`},
		{"-client-pool=fibre", `invalid value "fibre" for flag -client-pool: unknown; known are thread, process`},
		{"-client-pool=process,process", `process is named twice`},
		{"-volume=10", `size "10" is not a whole number with a unit`},
		{"-volume=0MiB", `size "0MiB" is zero`},
		{"-volume=1MiB,1024KiB", `1MiB is named twice`},
		{"-clients=0", `"0" is not a whole number from 1`},
		{"-clients=1,x", `"x" is not a whole number from 1`},
		{"-clients=5,5", `5 is named twice`},
		{"-workers=-1", `"-1" is not a whole number from 1`},
		{"-workers=1.5", `"1.5" is not a whole number from 1`},
		{"-target-workers=0", `"0" is not a whole number from 1`},
		{"-verify=maybe", `invalid value "maybe" for flag -verify: unknown; known are on, off, readback`},
		{"-sink=null", `unknown; known are file, discard`},
		{"-storage=", `want a folder or discard`},
		{"-op-timeout=300", `"300" is not a positive time: write it like 30s or 5m`},
		{"-cell-timeout=-1s", `"-1s" is not a positive time`},
		{"-warmup=-1", `"-1" is not a whole number from 0`},
		{"-target=", `-target="" is not a host and a port: write it like lab.example:8889`},
		{"-target=localhost", `-target="localhost" is not a host and a port`},
		{"-target=:8889", `-target=":8889" is not a host and a port`},
		{"-storage=/no/such/folder", `-storage="/no/such/folder" is neither an existing folder nor discard`},
		{"-fixtures=", `-fixtures is empty`},
		{"-target-pool=a-2", `want a letter, then letters, digits, _ and -, not ending in - and digits`},
		{"-colour=red", `flag provided but not defined: -colour`},
	} {
		t.Run(row.arg, func(t *testing.T) {
			_, err := parse(row.arg)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestConflictingOptions(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"label without a target", []string{"-target-pool=thread"}, "-target-pool is about the server at -target, and there is no -target"},
		{"number without a target", []string{"-target-workers=5"}, "there is no -target"},
		{"a target without a name among several", []string{"-target=a=lab:1,lab:2"}, "-target has several servers, and lab:2 has no name: write it like name=lab:2"},
		{"targets of one name", []string{"-target=a=lab:1,a=lab:2"}, "-target has a=lab:2 twice, by its name or its address"},
		{"targets at one address", []string{"-target=a=lab:1,b=lab:1"}, "-target has b=lab:1 twice"},
		{"a target with a bad name", []string{"-target=a-1=lab:1"}, `-target: "a-1" is no name for a server`},
		{"one of several targets without a port", []string{"-target=a=lab:1,b=lab"}, `-target="lab" is not a host and a port`},
		{"an empty target among several", []string{"-target=a=lab:1,"}, `-target="" is not a host and a port`},
		{"two names for a target", []string{"-target=a=lab:1", "-target-pool=b"}, "-target names its servers, and -target-pool would give another name"},
		{"pool of a target", []string{"-target=lab:1", "-pool=thread"}, "-pool is for a server that we start, and -target names one that runs"},
		{"workers of a target", []string{"-target=lab:1", "-workers=1"}, "to label its rows use -target-pool and -target-workers"},
		{"storage of a target", []string{"-target=lab:1", "-storage=discard"}, "-storage is for a server that we start"},
		{"flag behind the package", []string{"-op=upload", ".", "-clients=5"}, `"-clients=5" is not read: write the flags before the package`},
		{"another package", []string{"-op=upload", "./bench"}, `"./bench" is not read`},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := parse(row.args...)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

// A flag's class follows from where it is registered, and every flag has one.
func TestClasses(t *testing.T) {
	for _, row := range []struct {
		name string
		want plan.Class
	}{
		{"volume", plan.Measured}, {"target", plan.Measured}, {"warmup", plan.Measured}, {"visit", plan.Measured},
		{"budget", plan.Paced}, {"seed", plan.Paced}, {"control", plan.Paced},
		{"results", plan.Placed}, {"target-pool", plan.Placed}, {"deadline", plan.Placed},
		{"resume", plan.Once}, {"plan", plan.Once},
		{"bench", plan.Selecting}, {"benchtime", plan.Testing},
		{"v", 0}, {"nothing", 0},
	} {
		assert.Equal(t, row.want, plan.ClassOf(row.name), row.name)
		assert.Equal(t, row.want == plan.Selecting || row.want == plan.Testing, row.want.OfTesting(), row.name)
		if row.want != 0 {
			assert.Contains(t, plan.Flags(row.want), row.name)
		}
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	new(plan.Options).Register(flags, nil, nil)
	flags.VisitAll(func(f *flag.Flag) {
		class := plan.ClassOf(f.Name)
		assert.NotZero(t, class, f.Name)
		assert.False(t, class.OfTesting(), f.Name)
	})
}
