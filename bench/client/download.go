package client

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"poolbench/bench"
	"poolbench/protocol"
)

// bufferSize is the size of the buffer for a download. One client's downloads of 10 MiB ran
// at 2.3, 2.6, 2.7, 3.2 and 2.7 GB/s with 64 KiB, 128 KiB, 256 KiB, 512 KiB and 1 MiB.
const bufferSize = 512 << 10

// Budget bounds the memory that all clients of a run hold for buffers. A client borrows a
// buffer when the first byte of a download arrives, so there are never more borrowers than
// workers. If the budget has no room for another buffer, the client waits, and its wait
// counts as transfer. A Budget is safe for concurrent use.
type Budget struct {
	room    *semaphore.Weighted // in bytes
	buffers sync.Pool
}

// NewBudget returns a budget of this many bytes, with room for at least one buffer.
func NewBudget(bytes int64) *Budget {
	return &Budget{
		room:    semaphore.NewWeighted(max(bytes, bufferSize)),
		buffers: sync.Pool{New: func() any { return new([bufferSize]byte) }},
	}
}

// borrow lends a buffer until give is called. It fails if the context ends first.
func (b *Budget) borrow(ctx context.Context) (buffer []byte, give func(), err error) {
	if err := b.room.Acquire(ctx, bufferSize); err != nil {
		return nil, nil, err
	}
	array := b.buffers.Get().(*[bufferSize]byte)
	return array[:], func() {
		b.buffers.Put(array)
		b.room.Release(bufferSize)
	}, nil
}

func (a *attempt) download() error {
	size, payload, err := a.wire.download(&a.exchange, a.Name)
	if err != nil {
		return err
	}
	want := a.Fixture.TextSize()
	if size < 0 {
		payload = io.LimitReader(payload, want+1)
	} else if size != want {
		return &mismatch{bench.SizeMismatch, fmt.Sprintf("the server has %d bytes under %s, the fixture %d", size, a.Name, want)}
	}
	sum, err := a.take(payload, size)
	if err != nil {
		return err
	}
	if a.Wire > want {
		return &mismatch{bench.SizeMismatch, fmt.Sprintf("more came than the %d bytes of the fixture", want)}
	} else if a.Wire < want {
		return &mismatch{bench.SizeMismatch, fmt.Sprintf("%d bytes came, the fixture has %d", a.Wire, want)}
	}
	a.Done = time.Since(a.start)
	if a.Verify && sum != a.Fixture.Text {
		return &mismatch{bench.ChecksumMismatch, fmt.Sprintf("crc32c %08x came, the fixture's is %08x", sum, a.Fixture.Text)}
	}
	return nil
}

// take reads the payload and returns its CRC-32C, or 0 without Verify. The checksum is part
// of the measured time: at 26 GB/s it is a hundredth of a transfer, and taking it later
// would mean keeping the file.
func (a *attempt) take(payload io.Reader, size int64) (sum uint32, err error) {
	buffer, give, err := a.Budget.borrow(a.ctx)
	if err != nil {
		return 0, err
	}
	defer give()
	err = a.receive(payload, size, buffer, func(piece []byte) error {
		if a.Verify {
			sum = crc32.Update(sum, protocol.Castagnoli, piece)
		}
		if a.file != nil {
			if _, err := a.file.Write(piece); err != nil {
				return &localError{errors.New("the download's file: " + Brief(err))}
			}
		}
		return nil
	})
	return sum, err
}
