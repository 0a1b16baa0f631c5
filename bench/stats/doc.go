// Package stats is the arithmetic of poolbench, over gonum's stat and x/perf's
// benchmath, in one place: what a number is called here has one definition.
package stats
