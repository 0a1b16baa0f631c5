// Package figure draws the plots of a report, from the analysis of a run and nothing
// else.
//
// [All] returns them as data: what each shows, in numbers and in a sentence for who
// cannot see it, and [Figure.SVG] draws one, to be put inline into a page. A drawing
// has no size but its proportions, takes its font from the generic sans-serif and
// the colour of its text and axes from the text around it, and refers to nothing
// outside of it. Pools differ by colour, of M. Okabe, K. Ito, Color Universal Design,
// 2008, which the colour-blind can tell apart, and by glyph and dash.
//
// A figure that would have no points is not there, and neither is one over an axis
// on which the run has a single level. What a figure leaves out stands in its Note.
package figure
