// Package page writes the analysis of a run as one page of HTML, and serves it while the run
// goes on. The page needs no network and no other file. It is complete without its scripts,
// which sort and filter the table, open folded sections, and show the titles of marks.
package page
