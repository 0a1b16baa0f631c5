package analysis

import (
	"encoding/csv"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/plan"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// options are the defaults of a run.
var options = func() (o plan.Options) {
	o.Register(flag.NewFlagSet("", flag.ContinueOnError), nil, nil)
	return o
}()

// overhead is the time of a simulated visit outside its rounds, as a share of theirs.
const overhead = 0.12

// recording holds recorded passes: the makespans, in seconds, of four rounds next to each
// other at each point, two on servers of threads and two on servers of processes. Points
// with rounds of seconds are in every third pass only.
type recording struct {
	points []bench.Cell
	passes []map[bench.Cell][4]float64
	whole  []int // the passes with all points
}

// record reads testdata/aa-rounds.csv: 2,208 rounds of 12 passes, on a machine with two
// processors and other work.
func record(tb testing.TB) recording {
	file, err := os.Open("testdata/aa-rounds.csv")
	require.NoError(tb, err)
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(tb, err)
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i
	}
	var rec recording
	for _, line := range lines[1:] {
		number := func(name string) float64 {
			n, err := strconv.ParseFloat(line[column[name]], 64)
			require.NoError(tb, err)
			return n
		}
		point := bench.Cell{
			Op: bench.Op(line[column["op"]]), Volume: fixtures.Size(number("volume_mib")) * fixtures.MiB,
			Clients: int(number("clients")), Workers: int(number("workers")),
		}
		pass := int(number("pass"))
		for len(rec.passes) <= pass {
			rec.passes = append(rec.passes, map[bench.Cell][4]float64{})
		}
		rounds, there := rec.passes[pass][point]
		if !there && pass == 0 {
			rec.points = append(rec.points, point)
		}
		rounds[int(number("arm"))] = number("makespan_s")
		rec.passes[pass][point] = rounds
	}
	for i, pass := range rec.passes {
		if len(pass) == len(rec.points) {
			rec.whole = append(rec.whole, i)
		}
	}
	require.Len(tb, rec.points, 54)
	require.Len(tb, rec.whole, 4)
	return rec
}

// source draws a pass of two equal pools. The function that it returns draws the makespans,
// in seconds, of a round of both at a point; each further call for the point gives the next
// round of the same visits.
type source func(rng *rand.Rand, pass int) func(point bench.Cell, round int) (base, pool float64)

// recorded draws from the recording: one of its passes, the servers of threads or those of
// processes, and for each number of workers which of the two is the base. So rounds of one
// server keep what they have in common.
//
// The recording has one round per visit. Further rounds of a short visit come from passes
// drawn for each. In real runs the visits' ratios spread as their independent rounds
// predict: by 0.13 to 0.16 where that was 0.16, at 10 rounds a visit, and by 0.08 to 0.11
// where it was 0.12 to 0.13, at 2.
func (rec recording) recorded() source {
	return func(rng *rand.Rand, pass int) func(point bench.Cell, round int) (base, pool float64) {
		from, whole, kind := rng.IntN(len(rec.passes)), rec.whole[rng.IntN(len(rec.whole))], rng.IntN(2)
		if pass == 1 {
			from = whole
		}
		swapped := map[int]bool{1: rng.IntN(2) == 0, 5: rng.IntN(2) == 0, 50: rng.IntN(2) == 0}
		return func(point bench.Cell, round int) (base, pool float64) {
			of := from
			if round > 0 {
				of = rng.IntN(len(rec.passes))
			}
			rounds, there := rec.passes[of][point]
			if !there {
				rounds = rec.passes[whole][point]
			}
			if swapped[point.Workers] {
				return rounds[kind+2], rounds[kind]
			}
			return rounds[kind], rounds[kind+2]
		}
	}
}

// drawn simulates rounds that take about as long as the recorded ones. The machine slows
// down and speeds up again, each server has its luck of 2 %, rounds spread by 10 % at a
// second, one in fifty takes two to five times as long, and bursts of other work slow down
// most of a series of rounds.
func (rec recording) drawn() source {
	return func(rng *rand.Rand, pass int) func(point bench.Cell, round int) (base, pool float64) {
		luck := map[[2]int]float64{}
		burst, n := 1.0, 0
		return func(point bench.Cell, round int) (base, pool float64) {
			n++
			if rng.Float64() < 0.03 {
				burst = 1 + rng.Float64()
			} else if rng.Float64() < 0.3 {
				burst = 1
			}
			typical := rec.passes[rec.whole[3]][point][0] * math.Exp(0.3*math.Sin(float64(pass)+float64(n)/54))
			side := func(server int) float64 {
				key := [2]int{point.Workers, server}
				if _, there := luck[key]; !there {
					luck[key] = 0.02 * rng.NormFloat64()
				}
				took := typical * math.Exp(luck[key]+0.1*math.Pow(typical, -0.25)*rng.NormFloat64())
				if rng.Float64() < 0.02 {
					took *= 2 + 3*rng.Float64()
				}
				if rng.Float64() < 0.7 {
					took *= burst
				}
				return took
			}
			return side(0), side(1)
		}
	}
}

// planned is a run of two pools at some points that has not begun.
func planned(points []bench.Cell, budget time.Duration) journal.Run {
	var cells []bench.Cell
	for _, pool := range []string{protocol.PoolThread, protocol.PoolProcess} {
		for _, point := range points {
			point.Pool = pool
			cells = append(cells, point)
		}
	}
	var run journal.Run
	run.Head.Plan = journal.Plan{Base: protocol.PoolThread, Budget: budget, Precision: options.Precision}.Of(cells)
	return run
}

// visitTo is a visit whose rounds took this many seconds.
func visitTo(v plan.Visit, seconds ...float64) bench.Result {
	server := 100*v.Lifetime.Pass + 10*v.Lifetime.Block + 2*v.Cell.Workers
	if v.Cell.Pool == protocol.PoolProcess {
		server++
	}
	wire := int64(v.Cell.Clients) * fixtures.Spec{Size: v.Cell.Volume}.TextSize()
	result := bench.Result{Cell: v.Cell, Pass: v.Pass, Server: server}
	for _, s := range seconds {
		took := time.Duration(s * float64(time.Second))
		result.Rounds = append(result.Rounds, bench.Round{Makespan: took, Samples: []bench.Sample{{Done: took, Wire: wire}}})
		result.Took += took + time.Duration(overhead*float64(took))
	}
	return result
}

// inVisit returns the rounds that a visit does.
func inVisit(rounds []float64) []float64 {
	var sum float64
	for i, took := range rounds {
		if sum += took; sum >= options.Visit.Seconds() {
			return rounds[:i+1]
		}
	}
	return rounds
}

// simulate simulates a run with the default budget of six minutes. The pool other than the
// base has the throughput of the base times effect. It returns the analysis at each look.
func (rec recording) simulate(rng *rand.Rand, of source, effect func(point bench.Cell) float64) (looks []*Analysis) {
	run := planned(rec.points, options.Budget)
	course := (&plan.Schedule{Cells: run.Head.Plan.Cells, Seed: rng.Uint64(), Budget: run.Head.Plan.Budget}).Course(nil)
	var draw func(point bench.Cell, round int) (base, pool float64)
	seen, pass := 0, 0
	takes := map[string][]float64{} // of the point under way
	for {
		v, more := course.Next(nil)
		if !more {
			break
		}
		if v.Pass > pass {
			pass, draw = v.Pass, of(rng, v.Pass)
			if at := interimOf(run); at.pass > seen {
				seen = at.pass
				looks = append(looks, New(run))
			}
		}
		if v.Cell == v.Mates[0] {
			point := v.Cell
			point.Pool = ""
			clear(takes)
			for round := range plan.MaxRounds {
				base, pool := draw(point, round)
				takes[protocol.PoolThread] = append(takes[protocol.PoolThread], base)
				takes[protocol.PoolProcess] = append(takes[protocol.PoolProcess], pool/effect(point))
			}
		}
		result := visitTo(v, inVisit(takes[v.Cell.Pool])...)
		course.Add(result)
		run.Results = append(run.Results, result)
	}
	run.Ended = true
	return append(looks, New(run))
}
