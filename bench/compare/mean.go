package compare

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// allCells is the name of the row for all cells together.
const allCells = "all cells"

// meanCell returns, as a cell, the geometric means of a unit over the cells of in that
// other has too: of their first values, of their second values, and so on. A small change
// in all cells is lost in the spread of each, but shows in their mean. Where a cell has no
// value, or none that is positive, there is no mean.
func meanCell(in, other *Input, unit string) *cell {
	var cells []*cell
	all := &cell{name: allCells, values: map[string][]float64{}}
	for _, c := range in.cells {
		if twin := other.find(c.name); twin != nil && len(c.of(unit))+len(twin.of(unit)) > 0 {
			cells = append(cells, c)
			all.n = max(all.n, c.n)
		}
	}
	if len(cells) < 2 {
		return nil
	}
	for i := range all.n {
		at := make([]float64, len(cells))
		for j, c := range cells {
			if at[j] = math.NaN(); i < len(c.values[unit]) && c.values[unit][i] > 0 {
				at[j] = c.values[unit][i]
			}
		}
		all.values[unit] = append(all.values[unit], stat.GeometricMean(at, nil)) // NaN if one is
	}
	return all
}
