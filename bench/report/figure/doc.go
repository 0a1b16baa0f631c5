// Package figure draws the plots of a report from the analysis of a run.
//
// [All] returns them as data. A figure shows all cells of an op at once, in a grid of small
// panels with common axes. Pools are compared within a panel; clients, workers and volumes
// from panel to panel. Each mark has a title that tells its numbers.
//
// [Figure.Inline] draws a figure for a page that has [Style] and the figure's [Legend].
// [Figure.SVG] draws a file that includes both. A drawing scales to any size and refers to
// nothing outside itself. Text and axes take the colour of the text around them. Pools
// differ by glyph, by dash, and by colours that the colour-blind can tell apart: M. Okabe,
// K. Ito, Color Universal Design, 2008.
//
// A figure without points is left out. A panel is blank if it has no points, or if its axis
// is about levels and it has only one.
package figure
