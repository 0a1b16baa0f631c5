// Package measure stays at one cell of one server and measures it: a [Visit] of rounds, in
// each of which all clients do one op at once.
//
//	visit := measure.Start(ctx, config)
//	visit.WarmUp(1)
//	visit.Round(nil)
//	result := visit.End()
//
// A round reads the clocks of both sides around its start and end, asks the server what it
// counted, finds out whose end an op died of, and leaves an empty storage behind, once the
// server has nothing under way. A [Heartbeat] finds the rounds in which something stood
// still. What is wrong with the server becomes failed ops, never an error.
package measure
