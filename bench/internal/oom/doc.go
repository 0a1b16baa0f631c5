// Package oom tells a process that the kernel killed for want of memory from one that
// somebody else killed.
package oom
