// Package target is what a run measures: servers of our own, each in a process of its
// own from the program that runs, or a server that somebody else runs.
//
// A target hands out the server for each visit. One of our own is started when it is
// visited first, stays for its [plan.Lifetime], and is started anew when that is over
// or it has died. A fresh one is for the session to warm.
package target
