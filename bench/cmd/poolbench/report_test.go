package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/fixtures"
)

// kept returns a results folder with a run of passes that was interrupted after one of two
// visits.
func kept(t *testing.T) string { return keptOf(t, 5) }

// keptOf is kept for another number of workers.
func keptOf(t *testing.T, workers int) string {
	t.Helper()
	cell := bench.Cell{Op: bench.Upload, Volume: fixtures.MiB, Clients: 1, Workers: workers, Pool: "thread"}
	other := cell
	other.Clients = 50
	dir := t.TempDir()
	j, err := journal.Open(dir, journal.Head{Plan: journal.Plan{Base: "thread", Passes: 1}.Of([]bench.Cell{cell, other})}, false)
	require.NoError(t, err)
	sample := bench.Sample{Connected: 1, Sent: 2, FirstByte: 3, Done: 1e6, Wire: 1 << 20}
	require.NoError(t, j.Add(bench.Result{Cell: cell, Rounds: []bench.Round{{Samples: []bench.Sample{sample}, Makespan: 1e6}}}))
	require.NoError(t, j.Close("interrupted"))
	return dir
}

func TestReport(t *testing.T) {
	dir := kept(t)
	for _, row := range []struct {
		flags []string
		want  []string
	}{
		{nil, []string{"makespan", "1.00 ms", "skipped: op=upload/volume=1MiB/clients=50/workers=5/pool=thread: interrupted\n", "2 cells, 1 ops, 0 failed, 1 cells skipped\n"}},
		{[]string{"--format", "markdown"}, []string{"| upload | 1MiB | 1 | 5 | thread | 1 | 1.00 ms |"}},
		{[]string{"--format=csv"}, []string{"\nupload,1048576,1,5,,thread,ok,,1,1,0,0.001,"}},
		{[]string{"--format=verdict"}, nil},
		{[]string{"--format=json"}, []string{"\n  \"verdict\": [", "\n  \"effects\": [", `"outcome": "skipped",` + "\n" + `      "why": "interrupted"`}},
		{[]string{"--format=lab-csv"}, []string{"No.,Pool,Operation,", "\n1,thread,upload,1MiB,1,5,0.001 s,1024000.00 KiB/s,\"1 ok, 0 failed\",-\n"}},
		{[]string{"--format=html"}, []string{"<!doctype html>", "1 visit to 2 cells"}},
		{[]string{"--format=svg", "--plot=list"}, []string{"latency-upload\n"}},
		{[]string{"--plot=list"}, []string{"latency-upload\n"}},
		{[]string{"--format=svg", "--plot=latency-upload"}, []string{"<svg ", "</svg>"}},
		{[]string{"--format=lab-csv", "--lang=id"}, []string{"Nomor,Pool,Operasi,", "\"1 sukses, 0 gagal\""}},
	} {
		t.Run(strings.Join(row.flags, " "), func(t *testing.T) {
			status, stdout, stderr := call(t.Context(), append([]string{"report", dir}, row.flags...)...)
			assert.Zero(t, status)
			assert.Empty(t, stderr)
			for _, want := range row.want {
				assert.Contains(t, stdout, want)
			}
		})
	}
}

// Every format takes several folders.
func TestReportOfSeveral(t *testing.T) {
	five, one := keptOf(t, 5), keptOf(t, 1)
	for _, row := range []struct {
		format string
		want   []string
	}{
		{"text", []string{"run: " + five + ", ", "run: " + one + ", ", "4 cells, 2 ops, 0 failed, 2 cells skipped\n"}},
		{"markdown", []string{"- run: " + five + ", ", "| upload | 1MiB | 1 | 1 | thread |"}},
		{"csv", []string{",folders\nupload,1048576,1,1,,thread,ok,", "," + one + "\n"}},
		{"json", []string{`"runs": [`, `"folder": "` + one + `",`, `"why": "` + one + `: interrupted"`}},
		{"html", []string{"<li>" + five + ": ", "2 runs in one report: 2 visits to 4 cells."}},
		{"verdict", []string{one + ": interrupted"}},
		{"lab-csv", []string{"\n1,thread,upload,1MiB,1,1,0.001 s,", "\n2,thread,upload,1MiB,50,1,-,", "\n3,thread,upload,1MiB,1,5,0.001 s,", "\n4,"}},
	} {
		t.Run(row.format, func(t *testing.T) {
			status, stdout, stderr := call(t.Context(), "report", five, one, "--format", row.format)
			assert.Zero(t, status)
			assert.Empty(t, stderr)
			for _, want := range row.want {
				assert.Contains(t, stdout, want)
			}
		})
	}
}

func TestReportErrors(t *testing.T) {
	dir := kept(t)
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, journal.FileName), []byte("{\n"), 0o644))
	for _, row := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"report"}, 2, "report wants one DIR or more"},
		{[]string{"report", dir, "--format=pdf"}, 2, `--format="pdf" is unknown; known are text, markdown, csv, json, verdict, lab-csv`},
		{[]string{"report", dir, "--lang=de"}, 2, `--lang="de" is unknown; known are id, en`},
		{[]string{"report", dir, "--lang=id"}, 2, "--lang is for --format=lab-csv"},
		{[]string{"report", dir, "--format=svg"}, 2, "--format=svg needs the name of a plot: --plot list writes all names"},
		{[]string{"report", dir, "--plot=list", "--format=text"}, 2, "--plot is for --format=svg"},
		{[]string{"report", dir, "--format=svg", "--plot=pie"}, 1, `--plot="pie" is none of the run's `},
		{[]string{"report", dir, "--serve=8000"}, 2, `--serve="8000" is not a host and a port`},
		{[]string{"report", dir, "--serve=127.0.0.1:0", "--format=html"}, 2, "--serve always shows the page: leave out --format"},
		{[]string{"report", dir, "--serve=192.0.2.1:1"}, 1, "--serve: listen tcp 192.0.2.1:1: "},
		{[]string{"report", dir + "/none", "--serve=127.0.0.1:0"}, 1, "no such file or directory"},
		{[]string{"report", dir, keptOf(t, 1), "--serve=127.0.0.1:0"}, 2, "--serve follows one run"},
		{[]string{"report", dir, dir + "/."}, 1, "have the same run"},
		{[]string{"report", dir, dir + "/none"}, 1, "no such file or directory"},
		{[]string{"report", dir, "--serve="}, 2, `--serve="" is not a host and a port`},
		{[]string{"report", t.TempDir()}, 1, "no such file or directory"},
		{[]string{"report", broken}, 1, "line 1: "},
	} {
		status, stdout, stderr := call(t.Context(), row.args...)
		assert.Equal(t, row.status, status)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, row.want)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %s", stderr)
	}
}

// The page is served until the context ends, which also ends requests that wait for the run.
func TestServe(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	stderr, theirs := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"report", kept(t), "--serve=127.0.0.1:0"}, io.Discard, theirs) }()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	require.NoError(t, err)
	url := regexp.MustCompile(`http://\S+`).FindString(line)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Contains(t, string(text), "<!doctype html>")
	resp, err = client.Get(url + "events")
	require.NoError(t, err)
	defer resp.Body.Close()
	end()
	assert.Zero(t, <-ended)
}
