// Package servertest starts servers inside a test: ours with [Start], one that is not
// ours and knows only the wire's older part with [StartOld], one that a test makes up
// with [Peer], and none at all with [Nobody].
package servertest
