// Package machine describes the machine of a run: its environment, its other load, and what
// to warn about.
package machine
