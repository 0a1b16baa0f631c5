// Package guard runs a command of somebody else so that nothing of it outlives this
// program. A guard, which is this program in another role, starts the command in a session
// of its own and adopts every process that the command leaves behind, however it forked.
// It ends them all when it is told to, or when the program that started it has ended.
package guard
