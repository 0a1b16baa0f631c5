// Package proc measures what processes of this machine use: CPU time, peak memory and
// states, of a list ([Processes]) or of a process and its descendants ([Tree]).
package proc
