// Package servertest starts servers inside a test: ours with [Start], one that knows only
// the wire's older part with [StartOld], one that the test makes up with [Peer], one that
// comes and goes at a [Place], and ones that cannot be reached with [Deaf] and [Nobody].
package servertest
