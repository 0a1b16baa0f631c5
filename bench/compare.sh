#!/usr/bin/env bash
# Measures the benchmark of a revision and that of this tree in turn, and compares
# them: bench/compare.sh REVISION. The exit status is that of poolbench gate; 2 is
# a wrong call, 1 a build or a run that could not be done.
#
# From the environment:
#   ROUNDS          how often each is run, at least twice; each run has a round of each cell
#   BENCH           the cells, as for go test -bench
#   BENCHFLAGS      other flags of the benchmark, which both revisions have to know
#   MAX_REGRESSION  what the gate lets pass
#   RESULTS         the folder for base.txt, new.txt, benchstat.txt and compare.md
set -euo pipefail

rounds=${ROUNDS:-14} bench=${BENCH:-Transfer} limit=${MAX_REGRESSION:-10%} results=${RESULTS:-results/compare}
eval "flags=(${BENCHFLAGS:-})" # with the quotes that a shell reads

wrong() {
	echo "bench/compare.sh: $*" >&2
	exit 2
}
[[ $# == 1 && -n $1 ]] || wrong "want one revision to compare with, as main or HEAD~1"
[[ $rounds =~ ^[1-9][0-9]*$ ]] || wrong "ROUNDS=$rounds is not a whole number from 1"
cd "$(dirname "$0")/.."
revision=$(git rev-parse --verify --quiet "$1^{commit}") || wrong "$1 is no revision of this repository"

work=$(mktemp -d)
tree=$work/tree
trap 'git worktree remove --force "$tree" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
git worktree add --quiet --detach "$tree" "$revision"
# Without the trees' paths in it, what is the same in both is built once.
(cd "$tree" && go test -trimpath -c -o "$work/base.test" .)
go test -trimpath -c -o "$work/new.test" .
go build -trimpath -o "$work/poolbench" ./bench/cmd/poolbench

# A limit that makes no sense is found before hours of measuring.
"$work/poolbench" gate --selftest --max-regression "$limit" >/dev/null || [[ $? == 1 ]] || exit 2

mkdir -p "$results"
rm -f "$results"/{benchstat.txt,compare.md}
base=$results/base.txt new=$results/new.txt fixtures=$PWD/fixtures/cache
: >"$base"
: >"$new"

# run measures one side in its own tree, whose commit stands in what it prints. An
# op that failed ends it with 1, which is for the gate to judge.
run() { # program tree output
	local status=0
	(cd "$2" && exec "$1" -test.run '^$' -test.bench "$bench" -test.benchtime 1x -fixtures "$fixtures" "${flags[@]}") >>"$3" || status=$?
	if ((status > 1)); then
		exit 1
	fi
}

for ((i = 0; i < rounds; i++)); do
	echo "round $((i + 1)) of $rounds" >&2
	# ABBA BAAB …: what drifts falls on both.
	if ((i % 4 == 0 || i % 4 == 3)); then
		run "$work/base.test" "$tree" "$base"
		run "$work/new.test" . "$new"
	else
		run "$work/new.test" . "$new"
		run "$work/base.test" "$tree" "$base"
	fi
done

go tool benchstat -ignore commit "$base" "$new" | tee "$results/benchstat.txt"
"$work/poolbench" compare "$base" "$new" --paired --format markdown >"$results/compare.md" || true # the gate says why
"$work/poolbench" gate "$base" "$new" --paired --max-regression "$limit"
