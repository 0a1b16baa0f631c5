// Package prefork supervises worker processes that share a listening socket. It knows
// nothing of what they do with their connections.
//
// A worker is this program, started again. The supervisor, which [Start] returns, gives
// it a few descriptors and a [Config.Payload]; in the worker, [Join] returns them. The
// two talk over pipes. Each process holds its own end only, so the kernel tells either
// of the other's end, however that comes:
//
//   - ready, from the worker: "ready", or the text of an error;
//   - control, from the supervisor: a byte orders the worker to end after its work. The
//     end of the pipe orders it to end at once, and comes with the end of the supervisor
//     too. A worker that is stopped hears it when it continues;
//   - output, from the worker: its standard output and error.
//
// A worker that dies is replaced, after a pause if it died soon, and within a budget:
// beyond that the supervisor ends all workers and says why. A worker that does not end
// when told to is told to end at once, and then killed. One goroutine owns the table of
// the workers, whose states are at [State].
//
// Workers wait for connections in [Listener.AcceptTCP]. The kernel wakes one of them for
// each connection.
package prefork
