// Package machine describes the machine of a run: its environment, what it does besides
// the run, and what to warn of.
package machine
