// Package server is the server under test. It stores the files that clients
// upload and sends the ones they ask for, over the wire of package protocol.
//
// There is one server. Listener, limits, handler, storage, counters and log are
// the same for every [Pool]; what differs is what serves a connection:
//
//   - [Thread]: N goroutines take accepted connections from a queue. Each of
//     them is locked to a thread of the operating system and serves one
//     connection at a time.
//   - [Process]: N processes share the listening socket. Each of them accepts and
//     serves one connection at a time; a supervisor starts, watches, replaces and
//     ends them. A program with such a server calls [Main] first of all.
//   - [Goroutine]: a goroutine per connection, N at a time: Go's own idiom, as a
//     baseline.
//
// A connection for which no worker is free waits in the kernel's backlog, whatever
// the pool: threads and goroutines are admitted by a weighted semaphore before
// anything is accepted, and a process accepts when it is free.
//
// What the workers have done stands on a board that survives them. The processes
// of a pool share its memory, so that any of them can answer STATS for all, and a
// transfer whose worker was killed is counted by the supervisor, as "worker died".
//
// An upload is decoded while it arrives, written to a temporary file of its own,
// checked against the checksum that the client may have sent, and renamed over
// its name. Readers meet the old file or the new one. An upload that fails leaves
// nothing behind. Files are not synced to disk: a rename decides what readers
// see, not what survives a loss of power.
package server
