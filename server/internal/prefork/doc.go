// Package prefork supervises worker processes that share a listening socket. It
// knows nothing of what they do with their connections.
//
// A worker is this program again. The supervisor, which is made with [Start],
// starts it with a few descriptors and a [Config.Payload]; in the worker, [Join]
// returns these. The two talk over pipes of which each process holds its own end
// only, so that the kernel tells either of the other's end, however that comes:
//
//   - word, from the worker: "ready", or the text of an error;
//   - control, from the supervisor: a byte orders to end when all work is done.
//     The end of the pipe orders to end at once, and comes also with the end of
//     the supervisor; a worker that is stopped hears it when it goes on;
//   - output, from the worker: its standard output and error.
//
// A worker that dies is replaced, after a pause if it died soon, and within a
// budget: above that the supervisor ends them all and says why, rather than
// starting processes for ever. A worker that does not end when it is told to is
// told to end at once, and then killed. One goroutine owns the table of the workers; its
// states stand in the table of [State].
//
// Workers wait for connections in [Listener.AcceptTCP], of which the kernel wakes
// one for each connection.
package prefork
