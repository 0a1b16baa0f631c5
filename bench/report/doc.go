// Package report writes the analysis of a run for people and for programs.
package report
