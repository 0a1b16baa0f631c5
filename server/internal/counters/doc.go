// Package counters counts what each worker of a pool does, in memory that the pool's
// processes may share.
package counters
