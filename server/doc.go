// Package server is the server under test. It stores the files that clients upload and
// sends the files they ask for, over the wire of package protocol.
//
// There is one server. Listener, limits, handler, storage, counters and log are the same
// for every [Pool]. Only what serves a connection differs:
//
//   - [Thread]: N goroutines, each locked to an operating system thread, take accepted
//     connections from a queue and serve one at a time.
//   - [Process]: N processes share the listening socket. Each accepts and serves one
//     connection at a time; a supervisor starts, watches, replaces and ends them. A
//     program with such a server calls [Main] first of all.
//   - [Goroutine]: a goroutine per connection, N at a time. It is Go's own idiom, and a
//     baseline.
//
// A connection for which no worker is free waits in the kernel's backlog, whatever the
// pool: a thread or goroutine is admitted by a semaphore before it accepts, and a
// process accepts when it is free.
//
// Counters outlive the workers. The processes of a pool share the memory of theirs, so
// any of them can answer STATS for all; the supervisor counts the transfer of a worker
// that was killed, as "worker died".
//
// An upload is decoded while it arrives, written to a temporary file, checked against
// the client's checksum if there is one, and renamed. A reader sees the old file or the
// new one, whole. An upload that fails leaves nothing behind. Files are not synced to
// disk: the rename decides what readers see, not what survives a power failure.
package server
