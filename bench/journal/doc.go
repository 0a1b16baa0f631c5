// Package journal stores what a benchmark measured: every op of every round, in a file of
// JSON lines from which all reports are made.
//
// The file is samples.jsonl in the results folder. There are five kinds of lines:
//
//   - run: what was planned, where and by which program; the first line of a run;
//   - op: one op of one client, whether it succeeded or not;
//   - round: one round, after the lines of its ops;
//   - visit: the end of a visit, after the lines of its rounds;
//   - end: how the run ended, unless it was killed.
//
// The lines of a visit are written and synced together when it has ended. Anything after
// the last whole visit is left over from a killed run; Open removes it. A run that
// resumes another continues after its last whole visit.
//
// schema.json describes the same for other programs. Its version rises when a line that
// was valid no longer is.
package journal
