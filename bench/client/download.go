package client

import (
	"errors"
	"fmt"
	"hash/crc32"
	"poolbench/bench"
	"poolbench/protocol"
	"time"
)

func (a *attempt) download() error {
	size, err := a.ask(a.Name)
	if err != nil {
		return err
	}
	if want := a.Fixture.TextSize(); size != want {
		return &mismatch{bench.SizeMismatch, fmt.Sprintf("the server has %d bytes under %s, the fixture %d", size, a.Name, want)}
	}
	sum, err := a.take(size)
	if err != nil {
		return err
	}
	a.Done = time.Since(a.start)
	if a.Verify && sum != a.Fixture.Text {
		return &mismatch{bench.ChecksumMismatch, fmt.Sprintf("crc32c %08x came, the fixture's is %08x", sum, a.Fixture.Text)}
	}
	return nil
}

// take reads the payload and returns its CRC-32C, or 0 if nobody wants it. The
// checksum is taken in the time that is measured: at 26 GB/s it is a hundredth of
// a transfer, and taking it later would mean keeping the file.
func (a *attempt) take(size int64) (sum uint32, err error) {
	buffer, give, err := a.Budget.borrow(a.ctx)
	if err != nil {
		return 0, err
	}
	defer give()
	err = a.receive(size, buffer, func(piece []byte) error {
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
