package figure

import (
	"cmp"
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/stats"
)

// curvePoints is the most points that a distribution is drawn with.
const curvePoints = 100

// latencies returns the figures of the distribution of latencies.
func (d data) latencies() []Figure {
	return d.grids(d.cells, Figure{
		Name: Latency, Group: Latency, Title: "Latency", byRow: true,
		X: Axis{Name: "latency of an op", Unit: seconds, Log: true}, Y: Axis{Name: "share of ops", Unit: percent, Levels: []float64{0, 50, 90}},
	}, []bench.Axis{d.workers}, []bench.Axis{d.volume, d.clients}, d.latency)
}

// latency returns the series of a panel: a curve for each pool, and fields that tell the
// usual quantiles of all pools.
func (d data) latency(cells []bench.Cell) []Series {
	var curves []Series
	for _, c := range cells {
		if values, ops := d.latenciesOf(c); len(values) > 0 {
			curves = append(curves, Series{Name: c.Pool, Pool: c.Pool, style: steps, Points: distribution(values, ops)})
		}
	}
	if len(curves) == 0 {
		return nil
	}
	across := Series{style: fields}
	for _, share := range []float64{50, 90, 99, 100} {
		p := Point{X: curves[0].Points[0].X, Y: share}
		p.Tip = fmt.Sprintf("%s: %.0f %% of ops within: ", labels(cells[0], d.volume, d.clients, d.workers), share)
		for i, s := range curves {
			within := "never, as ops failed"
			if i := slices.IndexFunc(s.Points, func(p Point) bool { return p.Y >= share-1e-9 }); i >= 0 {
				within = seconds.write(s.Points[i].X)
			}
			if i > 0 {
				p.Tip += ", "
			}
			p.Tip += fmt.Sprintf("%s (%s)", within, s.Name)
		}
		across.Points = append(across.Points, p)
	}
	return append(curves, across)
}

// latenciesOf returns the latencies of a cell's ops that succeeded, in seconds and ascending,
// and the number of all its ops, in the rounds in which nothing stood still.
func (d data) latenciesOf(c bench.Cell) (latencies []float64, ops int) {
	total := d.totals[c]
	for _, round := range total.Rounds {
		if round.Stalled == 0 {
			ops += len(round.Samples)
		}
	}
	for _, latency := range total.Latencies() {
		if latency > 0 { // a clock may be coarse, and an axis logarithmic
			latencies = append(latencies, latency/1e9)
		}
	}
	slices.Sort(latencies)
	return latencies, ops
}

// distribution returns the share of all ops, in percent, that succeeded within each latency.
// If there are too many latencies for a point each, the points are at every hundredth of
// them. Each point is a latency that was measured.
func distribution(sorted []float64, ops int) []Point {
	points := make([]Point, min(len(sorted), curvePoints))
	ps := make([]float64, len(points))
	for i := range ps {
		ps[i] = float64(i+1) / float64(len(ps))
	}
	values, _ := stats.Quantiles(sorted, ps...) // no error: there are values, and all are finite
	for i, x := range values {
		points[i] = Point{X: x, Y: 100 * ps[i] * float64(len(sorted)) / float64(ops)}
	}
	return points
}

// queues returns the figures of the queue: how long each client waited, in the round with
// the median makespan of each cell that has several clients.
func (d data) queues() []Figure {
	several := slices.DeleteFunc(slices.Clone(d.cells), func(c bench.Cell) bool { return c.Clients < 2 })
	return d.grids(several, Figure{
		Name: Queue, Group: Queue, Title: "Queue", byRow: true,
		X: Axis{Name: "time in the round", Unit: seconds}, Y: Axis{Name: "client, by the end of its wait"},
	}, []bench.Axis{d.workers, d.pool}, []bench.Axis{d.volume, d.clients}, d.queue)
}

// queue returns the series of a panel: when each client waited, and when it transferred. The
// blank before the wait is the time to connect.
func (d data) queue(cells []bench.Cell) []Series {
	c := cells[0]
	rounds := slices.DeleteFunc(slices.Clone(d.totals[c].Rounds), func(r bench.Round) bool { return !r.Whole() || len(r.Samples) == 0 })
	if len(rounds) == 0 {
		return nil
	}
	slices.SortStableFunc(rounds, func(a, b bench.Round) int { return cmp.Compare(a.Makespan, b.Makespan) })
	samples := slices.Clone(rounds[(len(rounds)-1)/2].Samples)
	slices.SortStableFunc(samples, func(a, b bench.Sample) int {
		return cmp.Or(cmp.Compare(a.FirstByte, b.FirstByte), cmp.Compare(a.Done, b.Done))
	})
	transfer := Series{Name: c.Pool, Pool: c.Pool, style: bars}
	for i, s := range samples {
		p := Point{X: s.FirstByte.Seconds(), Y: float64(i + 1), Lo: s.Sent.Seconds(), Hi: s.Done.Seconds()}
		if s.FirstByte == 0 { // its wait is part of its transfer
			p.X = p.Lo
			p.Tip = fmt.Sprintf("client %d waited and transferred from %s to %s", s.Client, seconds.write(p.X), seconds.write(p.Hi))
			transfer.Points = append(transfer.Points, p)
			continue
		}
		p.Tip = fmt.Sprintf("client %d waited %s, transfer from %s to %s", s.Client, seconds.write(p.X-p.Lo), seconds.write(p.X), seconds.write(p.Hi))
		transfer.Points = append(transfer.Points, p)
	}
	return []Series{transfer}
}
