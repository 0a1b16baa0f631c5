// Package load lets many clients load a server at once: they prepare, wait, start at one
// moment, and end as samples. Clients are goroutines of this process or, with
// [bench.ProcessClients], processes that are this program in another role, see [Main].
package load
