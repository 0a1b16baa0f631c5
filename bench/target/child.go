package target

import (
	"context"
	"log/slog"

	"poolbench/bench/internal/machine"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/server"
	"poolbench/server/child"
)

// startChild starts a server of ours.
func (f *Fleet) startChild(ctx context.Context, at serverKey) (*running, error) {
	process, err := child.Start(ctx, child.Config{
		Server: server.Config{
			Addr: "127.0.0.1:0", Pool: server.Pool(at.pool), Workers: at.workers,
			WorkerGOMAXPROCS: f.WorkerGOMAXPROCS, Discard: f.Discard,
		},
		StorageIn: f.Storage, GOMAXPROCS: machine.Processors(), Log: f.LogFile, LogLevel: slog.LevelWarn,
	})
	if err != nil {
		return nil, err
	}
	return &running{
		process: process, storage: process.Storage(),
		Server: Server{
			Target: measure.Target{
				Addr: process.Addr(), HasStats: true, Processes: proc.Tree{Root: process.PID()},
				Ended: process.Done(), End: process.End,
			},
			Reset: process.Storage().Empty,
		},
	}, nil
}
