// Package contrast holds the pools of a run against each other, point by point: from
// its pairs where there are any, which know a noise floor, and from its cells
// elsewhere, which do not.
package contrast
