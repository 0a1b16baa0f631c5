// Package oom tells processes that the kernel killed for lack of memory from those that
// somebody else killed.
package oom
