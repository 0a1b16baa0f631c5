// Package reference holds the published results of the Python scripts that poolbench
// replaces. They are kept unchanged, faults included, in python-reference-results.csv.
//
// The table has 102 of the 108 rows of op × volume × clients × workers × pool. The other 6
// were never published. 221 clients failed, 150 of them in three rows in which every client
// ran into a limit of 300 s. 10MB means 10 MiB of data before Base64. Time is the mean over
// the clients, in seconds. Throughput is the volume ÷ that time, in KiB of Base64 per
// second, in each row in which no client failed and the file existed. Where clients failed
// it is higher: those are in the time, but apparently not in the throughput. There was one
// round, so no number has a spread.
//
// Downloads of 100 MiB asked for a file that did not exist. The server said so, and they
// were counted as successes, at 0 KiB/s or at a rate that does not fit 100 MiB and their
// time. [Row.Moved] recognizes them.
package reference
