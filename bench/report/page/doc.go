// Package page writes a run as one page of HTML that needs nothing else: no network,
// no other file. It is computed from what the run has kept alone, and is whole
// without its script, which sorts, filters and unfolds.
package page
