// Package proc measures what processes of this machine use of it: CPU time, peak memory
// and states, of a few ([Processes]) or of one and all that it started ([Tree]).
package proc
