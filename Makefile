SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

# Each of these can be set on the command line or in the environment.
GO ?= go
# For make bench: flags of the benchmark, and the folder for what a run keeps.
BENCHFLAGS ?=
RESULTS ?= results
# make bench RESUME=1 goes on with the run in RESULTS.
RESUME ?=
TESTFLAGS ?= -shuffle=on
FUZZTIME ?= 5s

.PHONY: help check build test race fuzz bench bench-smoke bench-compare report clean

## help: list the targets
help:
	@sed -n 's/^## //p' Makefile

## check: formatting, vet, staticcheck, go.mod, workflows
check:
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	$(GO) tool actionlint .github/workflows/*.yml

## build: the commands, into bin/
build:
	$(GO) build -o bin/ ./fixtures/cmd/... ./bench/cmd/... ./server/cmd/...

## test: every test
test:
	$(GO) test $(TESTFLAGS) ./...

## race: every test with the race detector, with fewer repetitions; needs a C compiler
race:
	$(GO) test -race -short $(TESTFLAGS) ./...

## fuzz: each fuzz target for FUZZTIME
# Until Go 1.27 the fuzzer may report the end of its own time as a failure, without an
# input that fails (golang.org/issue/75804). It is then run once more.
fuzz:
	@set -e; packages=$$($(GO) list ./...); for package in $$packages; do \
		targets=$$($(GO) test -list '^Fuzz' $$package); \
		for target in $$(grep ^Fuzz <<< "$$targets" || true); do \
			echo "$$package $$target"; \
			fuzz() { $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package 2>&1; }; \
			out=$$(fuzz) || { grep -q 'context deadline exceeded' <<< "$$out" && ! grep -q 'Failing input' <<< "$$out" && out=$$(fuzz); } || { echo "$$out"; exit 1; }; \
			echo "$$out"; \
		done; \
	done

# The benchmark is not run by go test, which would mix its standard error, the line that
# shows progress, with the rows.
.PHONY: bin/bench.test bin/poolbench
bin/bench.test:
	@$(GO) test -c -o $@ .
bin/poolbench:
	@$(GO) build -o $@ ./bench/cmd/poolbench

# page replaces the page once the new one is complete.
page = bin/poolbench report '$(RESULTS)' --format html > '$(RESULTS)/report.new' && \
	mv '$(RESULTS)/report.new' '$(RESULTS)/report.html' && echo '\# the page: $(RESULTS)/report.html'

## bench: measure; rows, table and verdict go to the screen and, with the page, to RESULTS
# A signal to the whole job ends the benchmark in order. The shell waits for it, and writes
# the page.
bench: bin/bench.test bin/poolbench
	@trap : INT TERM HUP; \
	bin/bench.test -test.run '^$$' -test.bench Transfer -results='$(RESULTS)' $(if $(RESUME),-resume) $(BENCHFLAGS); \
	status=$$?; [ $$status = 2 ] || ! [ -e '$(RESULTS)/samples.jsonl' ] || { $(page); } || exit; exit $$status

## bench-smoke: two passes of a small matrix, to see that they run and that benchstat reads them
bench-smoke:
	@$(MAKE) --no-print-directory bench RESULTS=results/smoke \
		BENCHFLAGS='-passes=2 -volume=1MiB -clients=1,5 -workers=1,5 -pool=thread,process,goroutine'
	@# benchstat always exits with 0. Its complaints about the input go to standard error.
	$(GO) tool benchstat -col '/pool@(thread process goroutine)' results/smoke/bench.txt 2> >(tee results/smoke/benchstat.err >&2) | tee results/smoke/benchstat.txt
	@test ! -s results/smoke/benchstat.err
	@grep -q '│.*thread.*│.*process.*│.*goroutine.*│' results/smoke/benchstat.txt

## bench-compare: compare the benchmark of the revision BASE with that of this tree; see docs/comparing.md
bench-compare:
	@bench/compare.sh "$(BASE)"

## report: write the page of the run in RESULTS again, as RESULTS/report.html
report: bin/poolbench
	@$(page)

## clean: remove what can be made again, but no results
clean:
	rm -rf bin fixtures/cache *.test
