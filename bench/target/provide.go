package target

import (
	"context"
	"errors"
	"fmt"
	"os"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// provide uploads the fixture if the server has no file of its name, once per fixture and
// run. An existing file stays, right or wrong; the ops will show it. If the server cannot
// be asked, nothing is uploaded either. A failed upload is not tried again.
func (r *Remote) provide(ctx context.Context, file fixtures.File) (failed bench.Failure) {
	if failed, done := r.put[file.Name()]; done {
		return failed
	}
	_, err := client.Transfer{Addr: r.server.Addr, Idle: min(r.idle, client.StatsTimeout)}.Size(ctx, file.Name())
	switch {
	case errors.Is(err, protocol.ErrNotFound):
		if failed = r.upload(ctx, file); failed == (bench.Failure{}) {
			r.server.Note(fmt.Sprintf("the target did not have %s: %d bytes were uploaded", file.Name(), file.TextSize()))
		}
	case err != nil:
		return bench.Failure{}
	}
	r.put[file.Name()] = failed
	return failed
}

// upload sends the fixture's text as data, so that the server stores the text, and checks
// the size of what it has then.
func (r *Remote) upload(ctx context.Context, file fixtures.File) bench.Failure {
	text, err := os.Open(file.Path)
	if err != nil {
		return bench.Failure{Reason: bench.LocalError, Detail: client.Brief(err)}
	}
	defer text.Close()
	transfer := client.Transfer{Addr: r.server.Addr, Idle: r.idle}
	if err := transfer.Put(ctx, file.Name(), text, file.TextSize(), file.Text); err != nil {
		return failureWhen(err, "while "+file.Name()+" was uploaded")
	}
	size, err := transfer.Size(ctx, file.Name())
	if err != nil {
		return failureWhen(err, "after "+file.Name()+" was uploaded")
	}
	if want := file.TextSize(); size != want {
		return bench.Failure{Reason: bench.SizeMismatch, Detail: fmt.Sprintf("the server has %d bytes under %s after %d were uploaded", size, file.Name(), want)}
	}
	return bench.Failure{}
}

func failureWhen(err error, when string) bench.Failure {
	var exchange *client.ExchangeError
	if !errors.As(err, &exchange) {
		return bench.Failure{Reason: bench.LocalError, Detail: err.Error() + ", " + when}
	}
	if exchange.Detail == "" {
		return bench.Failure{Reason: exchange.Reason, Detail: when}
	}
	return bench.Failure{Reason: exchange.Reason, Detail: exchange.Detail + ", " + when}
}
