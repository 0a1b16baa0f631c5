package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// A trial of an op ends after trialTime, or when it has moved trialBytes.
const (
	trialTime  = time.Second
	trialBytes = 64 << 20
)

// trialStreams is how many transfers a trial has at once: a single one may be slower than
// a long link.
const trialStreams = 4

// TrialPrefix is the prefix of the names that a trial uploads under, always the same.
const TrialPrefix = "poolbench_plan_"

// Trial is what a short transfer tells about a target.
type Trial struct {
	Rates map[bench.Op]float64 // wire bytes per second, all clients together
	Fixed time.Duration        // of a visit, apart from its transfers
	Lacks []fixtures.Size      // volumes of which the target has no file for downloads
	Left  int64                // at most so many bytes of data of the trial remain on the target
}

// Trial moves data for about a second per op, of the largest volume, which need not fit into
// it. Downloads of files that the target lacks are taken to be as fast as uploads. If an op
// cannot be tried, the error says why.
func (r *Remote) Trial(ctx context.Context, cells []bench.Cell) (Trial, error) {
	t := Trial{Rates: map[bench.Op]float64{}}
	streams, volumes := 1, map[bench.Op][]fixtures.Size{}
	for _, c := range cells {
		streams = max(streams, min(trialStreams, c.Clients))
		if !slices.Contains(volumes[c.Op], c.Volume) {
			volumes[c.Op] = append(volumes[c.Op], c.Volume)
		}
	}
	there, err := t.look(ctx, r, volumes[bench.Download])
	if err == nil && there > 0 {
		t.Rates[bench.Download], _, err = flow(ctx, streams, func(ctx context.Context, f *client.Flow, _ int) error {
			return f.Download(ctx, r.server.Addr, fixtures.Spec{Size: there}.Name())
		})
	}
	if uploads := append(volumes[bench.Upload], t.Lacks...); err == nil && (len(volumes[bench.Upload]) > 0 || there == 0) {
		volume := slices.Max(uploads)
		var moved int64
		t.Rates[bench.Upload], moved, err = flow(ctx, streams, func(ctx context.Context, f *client.Flow, i int) error {
			return f.Upload(ctx, r.server.Addr, fmt.Sprintf("%s%d.bin", TrialPrefix, i), endless{}, fixtures.Spec{Size: volume}.TextSize())
		})
		t.Left = min(moved, int64(streams)*int64(volume))
	}
	if _, tried := t.Rates[bench.Download]; !tried {
		t.Rates[bench.Download] = t.Rates[bench.Upload]
	}
	return t, err
}

// look finds the files that the target lacks for downloads, and how long a request takes. It
// returns the largest volume of which it has the file, 0 if there is none.
func (t *Trial) look(ctx context.Context, r *Remote, volumes []fixtures.Size) (there fixtures.Size, err error) {
	begun := time.Now()
	if len(volumes) == 0 {
		err = client.Connect(ctx, r.server.Addr, client.StatsTimeout)
		t.Fixed = time.Since(begun)
		return 0, err
	}
	for _, volume := range volumes {
		has, err := r.has(ctx, volume)
		switch {
		case err != nil:
			return 0, err
		case has:
			there = max(there, volume)
		default:
			t.Lacks = append(t.Lacks, volume)
		}
	}
	t.Fixed = time.Since(begun) / time.Duration(len(volumes))
	if r.server.HasStats {
		t.Fixed *= 3 // a visit asks for STATS before and after its rounds
	}
	return there, nil
}

// has reports whether the target has the fixture of a volume.
func (r *Remote) has(ctx context.Context, volume fixtures.Size) (bool, error) {
	name := fixtures.Spec{Size: volume}.Name()
	_, err := client.Transfer{Addr: r.server.Addr, Idle: client.StatsTimeout}.Size(ctx, name)
	if errors.Is(err, protocol.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
