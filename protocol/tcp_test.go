package protocol_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/protocol"
)

func TestTCPSums(t *testing.T) {
	a := protocol.TCP{Busy: 5, RwndLimited: 2, SndbufLimited: 1, Retransmits: 3, MinRTT: time.Microsecond, DeliveryRate: 9}
	b := protocol.TCP{Busy: 50, RwndLimited: 20, SndbufLimited: 10, Retransmits: 30, MinRTT: time.Millisecond}
	sum := protocol.TCP{Busy: 55, RwndLimited: 22, SndbufLimited: 11, Retransmits: 33, MinRTT: time.Microsecond}
	assert.Equal(t, sum, a.Add(b))
	assert.Equal(t, sum, b.Add(a))
	assert.Equal(t, sum.MinRTT, a.Add(protocol.TCP{}).MinRTT)
	assert.Equal(t, protocol.TCP{Busy: 5, RwndLimited: 2, SndbufLimited: 1, Retransmits: 3}, sum.Since(b))
}
