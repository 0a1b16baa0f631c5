// Package target provides what a run measures: our own servers, each in a process of its
// own started from this executable, or a remote server that somebody else runs.
//
// A target hands out the server for each visit. One of ours is started at its first visit
// and lives for its [plan.Lifetime]; it is replaced when that is over or it has died. The
// session warms up a fresh server.
package target
