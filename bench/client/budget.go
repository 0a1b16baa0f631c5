package client

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// bufferSize is what a client reads a download with. One client's downloads of
// 10 MiB ran at 2.3, 2.6, 2.7, 3.2 and 2.7 GB/s with 64 KiB, 128 KiB, 256 KiB,
// 512 KiB and 1 MiB.
const bufferSize = 512 << 10

// Budget bounds the memory that the clients of a run hold for buffers, however
// many clients there are. A client borrows its buffer when the first byte of a
// download has come, so as many are lent as the server has workers; only when
// they are more than the budget has room for does a client wait for one, and
// that is then part of its transfer. It is used from any goroutine.
type Budget struct {
	room    *semaphore.Weighted // in bytes
	buffers sync.Pool
}

// NewBudget returns a budget of so many bytes, but room for one buffer at least.
func NewBudget(bytes int64) *Budget {
	return &Budget{
		room:    semaphore.NewWeighted(max(bytes, bufferSize)),
		buffers: sync.Pool{New: func() any { return new([bufferSize]byte) }},
	}
}

// borrow lends a buffer until give is called. It fails when the context ends
// before there is room.
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
