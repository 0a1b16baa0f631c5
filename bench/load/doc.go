// Package load runs many clients at once: they prepare, wait, start at the same moment, and
// return samples. Clients are goroutines of this process or, with [bench.ProcessClients],
// processes that run this program in another role; see [Main].
package load
