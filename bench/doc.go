// Package bench measures bulk transfers: cells of a matrix, clients that load a
// server, rounds, samples, and what they amount to. It knows the wire and the
// fixtures, and no server.
//
// A [Cell] is one point of op × volume × clients × workers × pool, and a
// [Matrix] the cells of a run. A [Run] measures one cell against a [Target]:
// round after round, all its clients are parked with their files open, a
// starting gun releases them at once, and each does one op. The loop is closed:
// a client begins its next op when all have ended theirs. The clients are
// goroutines of this process or, with [ProcessClients], processes that are this
// same program in another role, see [Main]. An op ends as a [Sample], whatever
// became of it, and the samples of a cell as a [Result], whose metrics are the
// units of a benchmark line.
//
// A [Pair] is two pools at one point of the matrix, whose runs [Alternate] round by
// round, so that what slows the machine down falls on both, and [Compare] says what
// the pairs of a run show.
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
