package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// provider uploads fixtures to a server whose storage is out of reach.
type provider struct {
	addr string
	idle time.Duration            // how long an upload may stall
	put  map[string]bench.Failure // by the fixture's name; zero if it is there
}

func newProvider(addr string, idle time.Duration) *provider {
	return &provider{addr, idle, map[string]bench.Failure{}}
}

// provide uploads the fixture if the server has no file of its name, once per fixture, and
// returns a note if it did. An existing file stays, right or wrong; the ops will show it.
// If the server cannot be asked, nothing is uploaded either. A failed upload is not tried
// again, unless nobody could connect.
func (p *provider) provide(ctx context.Context, file fixtures.File) (note string, failed bench.Failure) {
	if failed, done := p.put[file.Name()]; done {
		return "", failed
	}
	_, err := client.Transfer{Addr: p.addr, Idle: min(p.idle, client.StatsTimeout)}.Size(ctx, file.Name())
	switch {
	case errors.Is(err, protocol.ErrNotFound):
		if failed = p.upload(ctx, file); failed == (bench.Failure{}) {
			note = fmt.Sprintf("the target did not have %s: %d bytes were uploaded", file.Name(), file.TextSize())
		}
	case err != nil:
		return "", bench.Failure{}
	}
	if !failed.Reason.Unconnected() {
		p.put[file.Name()] = failed
	}
	return note, failed
}

// upload sends the fixture's text as data, so that the server stores the text, and checks
// the size of what it has then.
func (p *provider) upload(ctx context.Context, file fixtures.File) bench.Failure {
	text, err := os.Open(file.Path)
	if err != nil {
		return bench.Failure{Reason: bench.LocalError, Detail: client.Brief(err)}
	}
	defer text.Close()
	transfer := client.Transfer{Addr: p.addr, Idle: p.idle}
	if err := transfer.Put(ctx, file.Name(), text, file.TextSize(), file.Text); err != nil {
		return failureWhen(err, "while "+file.Name()+" was uploaded")
	}
	size, err := transfer.Size(ctx, file.Name())
	if err != nil {
		return failureWhen(err, "after "+file.Name()+" was uploaded")
	}
	if want := file.TextSize(); size >= 0 && size != want {
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
