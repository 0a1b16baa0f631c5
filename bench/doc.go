// Package bench measures bulk transfers: cells of a matrix, clients that load a
// server, rounds, samples, and what they amount to. It knows the wire and the
// fixtures, and no server.
//
// A [Cell] is one combination of op × volume × clients × workers × pool, and a
// [Matrix] the cells of a run. A [Run] is a visit to one cell of a [Target]: in each
// round all its clients wait with their files open, are released at once, and do one op
// each. The loop is closed: a client begins its next op when all have ended theirs. The
// clients are goroutines of this process or, with [ProcessClients], processes that are
// this same program in another role, see [Main]. An op ends as a [Sample], whatever
// became of it, and a visit as a [Result], whose metrics are the units of a benchmark
// line. A [Heartbeat] finds the rounds in which something stood still.
//
// A [Remote] is a target that somebody else runs, found by asking it what it is
// and supplied with the files that it lacks. A [Transfer] moves a single file and
// measures nothing.
//
// Nothing here grows with the volume. An upload goes from the fixture's file to
// the socket inside the kernel; a download is checked as it streams through a
// buffer that the client borrows, within a budget for all of them, when the
// first byte has come.
package bench
