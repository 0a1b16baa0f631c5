// Package servertest starts servers: inside a test's own process with [Start],
// and in a process of its own with [StartProcess], as a benchmark has to, so that
// the server shares neither heap nor collector nor scheduler with its clients.
// [StartOld] starts one that is not ours and knows only the wire's older part, and
// [Nobody] none at all.
package servertest
