// Package server is the server under test. It stores the files that clients
// upload and sends the ones they ask for, over the wire of package protocol.
//
// There is one server. Listener, limits, handler, storage, counters and log are
// the same for every [Pool]; what differs is what serves a connection:
//
//   - [Thread]: N goroutines take accepted connections from a queue. Each of
//     them is locked to a thread of the operating system and serves one
//     connection at a time.
//   - [Goroutine]: a goroutine per connection, N at a time: Go's own idiom, as a
//     baseline.
//
// Both admit with a weighted semaphore before they accept, so connections for
// which no worker is free wait in the kernel's backlog.
//
// An upload is decoded while it arrives, written to a temporary file of its own,
// checked against the checksum that the client may have sent, and renamed over
// its name. Readers meet the old file or the new one. An upload that fails leaves
// nothing behind. Files are not synced to disk: a rename decides what readers
// see, not what survives a loss of power.
package server
