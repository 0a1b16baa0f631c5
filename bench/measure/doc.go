// Package measure makes one [Visit] to a cell: rounds in which all clients do one op at
// once.
//
//	visit := measure.Start(ctx, config)
//	visit.WarmUp(1)
//	visit.Round(nil)
//	result := visit.End()
//
// A round reads the clocks of both sides before and after, asks the server for its
// counters, and finds out whether a worker died under an op. It empties the storage once
// the server has nothing under way. A [Heartbeat] finds rounds that stalled. A fault of the
// server becomes failed ops, never an error.
package measure
