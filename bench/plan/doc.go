// Package plan decides what a run visits next. It has no clock, no sockets and no
// files: what is next follows from the plan, a seed and what is done, so a run that
// was killed goes on as if it had not been.
//
// A cell is what is visited. A point is a cell without its pool, which is empty. A
// visit is one stay at a cell. A pass visits the points that it has once, all pools of
// a point next to each other, so that what the machine does meanwhile is in both sides
// of a ratio.
//
// The rules of a [Schedule]:
//
//   - The first pass has every planned cell, whatever the budget says: each has a row.
//   - A pass has the downloads before the uploads, and few clients before many. A server
//     keeps the memory that it once took: one of 50 threads has 9 MB when it is fresh,
//     10 after 50 downloads at once, and 35 after 50 uploads. Points of one op and one
//     number of clients, a block, come in an order drawn from seed and pass.
//   - Which pool of a point is first is drawn from seed and point, so that to be first
//     is no pool's advantage. The point's own visits then have it forth, back, back,
//     forth, ABBA BAAB, in which a steady drift cancels, in however few passes it is.
//   - A server lives for a pass. One with a single worker lives for a block: they differ
//     by about 2.5 % from instance to instance, and the luck of one is not to be in a
//     whole pass.
//   - With a fixed number of passes, each has every point.
//   - With a budget, a later pass has the points that are still wanted, and the dear
//     ones among them more seldom: see stride in cost.go. What a pass may have is fixed
//     by the passes before it. A point that does not fit into what is left of the
//     budget is left out when its turn comes, and one that has begun is finished.
//   - A point in the middle of which a run was killed is measured again with all its
//     pools. They would not be next to each other otherwise.
package plan
