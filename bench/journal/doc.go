// Package journal keeps what a benchmark measured: every op of every round, in a
// file of JSON lines from which every report is made.
//
// The file is samples.jsonl in the folder of results. Its lines are of five kinds:
//
//   - run: what was planned, where and by what; the first line of a run;
//   - op: one op of one client, however it ended;
//   - round: all clients' ops at once, behind the lines of its ops;
//   - visit: the end of one stay at a cell, behind the lines of its rounds;
//   - end: how the run ended, if it could still say so.
//
// The lines of a visit are written and synced together when it has ended. What lies
// behind the last whole visit is left of a run that was killed; Open removes it. A
// run that resumes another goes on behind its last whole visit.
//
// schema.json says the same for programs that are not ours. Its version rises when a
// line that was valid would not be any more.
package journal
