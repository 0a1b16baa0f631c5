package journal_test

import (
	"fmt"
	"log"
	"os"
	"time"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// A run of one cell is kept and read again.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "results-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	cell := bench.Cell{Op: bench.Upload, Volume: 10 << 20, Clients: 1, Workers: 5, Pool: "thread"}
	j, err := journal.Open(dir, journal.Head{Plan: journal.Plan{Base: "thread", Passes: 1}.Of([]bench.Cell{cell})}, false)
	if err != nil {
		log.Fatal(err)
	}
	took := 20 * time.Millisecond
	round := bench.Round{Makespan: took, Samples: []bench.Sample{{Done: took, Wire: 13981016}}}
	if err := j.Add(bench.Result{Cell: cell, Pass: 1, Rounds: []bench.Round{round}}); err != nil {
		log.Fatal(err)
	}
	if err := j.Close(""); err != nil {
		log.Fatal(err)
	}

	run, err := journal.Read(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, total := range run.Totals() {
		ok, failed := total.Ops()
		fmt.Printf("%v: %d ok, %d failed, %.0f MB/s\n", total.Cell, ok, failed, total.Throughput()/1e6)
	}
	// Output:
	// op=upload/volume=10MiB/clients=1/workers=5/pool=thread: 1 ok, 0 failed, 699 MB/s
}
