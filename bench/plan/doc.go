// Package plan reads the flags and decides what a run visits next. It has no clock, no
// sockets, and no files other than that of -servers and the checks of [Options.Check]. The
// next visit follows from the plan, a seed and the results so far, so a run that was killed
// continues as if nothing had happened.
//
// A point is a cell without its pool. A visit is one stay at a cell. A pass visits each of
// its points once, all pools of a point next to each other, so that drift of the machine
// affects both sides of a ratio.
//
// The rules of a [Schedule]:
//
//   - The first pass has every planned cell, whatever the budget, so each has a row.
//   - A pass has downloads before uploads, and few clients before many. A server keeps
//     memory that it once needed: one of 50 threads has 9 MB when it is fresh, 10 after
//     50 downloads at once, and 35 after 50 uploads. Points of one op and one number of
//     clients form a block. Their order is drawn from seed and pass.
//   - Which pool of a point comes first is drawn from seed and point, so that no pool
//     has the advantage. Over the visits of the point the order goes forth, back, back,
//     forth (ABBA BAAB), which cancels a steady drift, however few passes it is in.
//   - A server lives for a pass. One with a single worker lives for a block: such servers
//     differ by about 2.5 % from instance to instance, and the luck of one must not
//     affect a whole pass.
//   - With a fixed number of passes, each has every point.
//   - With a budget, a later pass has the points that are still wanted, and dear ones
//     less often; see stride in cost.go. Earlier passes alone decide what a pass may
//     have. A point that does not fit into the rest of the budget is left out when its
//     turn comes. A point that has begun is finished.
//   - If a run was killed in the middle of a point, all pools of the point are measured
//     again, because otherwise they would not be next to each other.
package plan
