package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Lent buffers never exceed the budget, but one can always be lent.
func TestBudget(t *testing.T) {
	for _, row := range []struct {
		name  string
		bytes int64
		lent  int
	}{
		{"room for none", 0, 1},
		{"room for one", bufferSize, 1},
		{"room for two and a half", 5 * bufferSize / 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := NewBudget(row.bytes)
				var give func()
				for range row.lent {
					buffer, back, err := b.borrow(t.Context())
					require.NoError(t, err)
					assert.Len(t, buffer, bufferSize)
					give = back
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, _, err := b.borrow(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded, "one more waits")

				time.AfterFunc(time.Second, give)
				began := time.Now()
				_, back, err := b.borrow(t.Context())
				require.NoError(t, err)
				assert.Equal(t, time.Second, time.Since(began), "until one is given back")
				back()
			})
		})
	}
}
