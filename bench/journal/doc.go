// Package journal keeps what a benchmark measured: every op of every round, in a
// file of JSON lines that is written cell by cell, and from which every report is
// made.
//
// The file is samples.jsonl in the results' folder. Its lines are of six kinds:
//
//   - run: what was planned, where and by what; the first line of a run;
//   - op: one op of one client, however it ended;
//   - round: all clients' ops at once, behind the lines of its ops;
//   - cell: the end of one measurement of a cell, behind those of its rounds;
//   - pair: the end of the measurement of a pair, behind those of its rounds, of
//     which each says whose it is: the base's or the pool's;
//   - end: how the run ended, if it could still say so.
//
// The lines of a measurement are written together when it has ended. What lies
// behind the last whole measurement is what a run left that was killed meanwhile;
// Open removes it. A run that resumes another goes on behind its last whole cell.
//
// The schema in schema.json says the same for programs that are not ours. Its
// version rises when a line that was valid would not be any more.
package journal
