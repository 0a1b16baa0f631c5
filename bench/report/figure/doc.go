// Package figure draws the plots of a report from the analysis of a run.
//
// [All] returns them as data. Each is of one op and shows all its cells at once: a grid of
// small panels with common axes, so that pools are compared within a panel, and clients,
// workers and volumes from panel to panel. A mark carries what there is to tell of it as
// its own title.
//
// [Figure.Inline] draws a figure for a page, which has [Style] and the [Legend] of it;
// [Figure.SVG] draws one for a file, with both inside. A drawing has no size but its
// proportions and refers to nothing outside of it. Text and axes have the colour of the
// text around them. Pools differ by colour, of M. Okabe, K. Ito, Color Universal Design,
// 2008, which the colour-blind can tell apart, and by glyph and dash.
//
// A figure without points is not there. A panel is blank if it has none, or a single level
// of what its axis is about.
package figure
