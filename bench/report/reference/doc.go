// Package reference is the table that poolbench measures itself against: what was
// published of the Python scripts that it replaces. It is here as it was, faults
// and all, in python-reference-results.csv.
//
// The table has 102 of the 108 rows that op × volume × clients × workers × pool
// have: the 6 others were never written down. In those that are there 221 clients
// failed, 150 of them in three rows in which every one ran into a limit of 300 s.
// What it calls 10MB is 10 MiB of data before Base64. Its throughput is the mean of
// the clients' in KiB of Base64 per second, its time their mean in seconds. There
// was one round, so no number has a spread.
//
// Downloads of 100 MiB asked for a file that was not there, were told so, and were
// counted as successes at 0 KiB/s, or at some that no file of 100 MiB would take
// that time for: [Row.Moved] tells them apart.
package reference
