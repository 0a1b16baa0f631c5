// Package page writes a run as one page of HTML that needs nothing else: no network,
// no other file. It is computed from what the run has kept alone, and is whole
// without its scripts, which sort and filter the table, unfold, and tell of points.
package page
