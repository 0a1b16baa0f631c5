package server

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A request that has been read when Shutdown has already dropped those that said
// nothing is not begun.
func TestNothingBeginsAfterShutdown(t *testing.T) {
	s := &Server{conns: map[*connection]struct{}{}}
	c := new(connection)
	assert.True(t, s.enter(c))
	assert.True(t, s.begin(c))
	s.closing = true
	assert.False(t, s.begin(c))
	assert.False(t, c.busy)
	assert.False(t, s.enter(new(connection)))
	s.leave(c)
	assert.Empty(t, s.conns)
}
