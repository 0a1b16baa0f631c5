package analysis_test

import (
	"fmt"
	"time"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
)

// In each of six passes processes move about a tenth more than threads.
func ExampleNew() {
	points := []bench.Cell{
		{Op: bench.Upload, Volume: 10 << 20, Clients: 1, Workers: 5},
		{Op: bench.Upload, Volume: 50 << 20, Clients: 1, Workers: 5},
	}
	var run journal.Run
	var cells []bench.Cell
	for pass := 1; pass <= 6; pass++ {
		for i, point := range points {
			for _, pool := range []string{"thread", "process"} {
				point.Pool = pool
				took := time.Duration(100+(3*pass+i)%5) * time.Millisecond
				if pool == "process" {
					took = took * 10 / 11
				}
				round := bench.Round{Makespan: took, Samples: []bench.Sample{{Done: took, Wire: 1e8}}}
				run.Results = append(run.Results, bench.Result{Cell: point, Pass: pass, Took: took, Rounds: []bench.Round{round}})
				if pass == 1 {
					cells = append(cells, point)
				}
			}
		}
	}
	run.Head.Plan = journal.Plan{Base: "thread", Passes: 6}.Of(cells)
	run.Ended = true

	a := analysis.New(run)
	for _, e := range a.Effects {
		if e.Whole() {
			fmt.Printf("%s: %s move %.2f times as much as %s at %d points in %d passes\n", e.Op, e.Pool, e.Ratio, e.Base, e.Points, e.Passes)
		}
	}
	fmt.Println(a.Verdict[0])
	// Output:
	// upload: process move 1.10 times as much as thread at 2 points in 6 passes
	// Uploads: processes move 10 % more than threads in the same time (+10 … +10 %; 2 points in 6 passes).
}
