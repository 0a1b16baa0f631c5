package protocol_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/protocol"
)

func TestAnswersComeBack(t *testing.T) {
	var wire bytes.Buffer
	require.NoError(t, protocol.WriteReady(&wire))
	require.NoError(t, protocol.WriteComplete(&wire))
	require.NoError(t, protocol.WriteSize(&wire, 13_981_016))
	require.NoError(t, protocol.WriteError(&wire, protocol.ErrNotFound))
	require.Equal(t, "OK Ready to receive\r\n\r\n"+"OK Upload complete\r\n\r\n"+
		"OK 13981016\r\n\r\n"+"ERROR File not found\r\n\r\n", wire.String())

	r := bufio.NewReader(iotest.OneByteReader(&wire))
	require.NoError(t, protocol.ReadReady(r))
	require.NoError(t, protocol.ReadComplete(r))
	require.NoError(t, protocol.ReadReady(bufio.NewReader(strings.NewReader("OK  Ready to\treceive \r\n\r\n"))), "runs of spaces and tabs")
	size, err := protocol.ReadSize(r)
	require.NoError(t, err)
	assert.EqualValues(t, 13_981_016, size)
	_, err = protocol.ReadSize(r)
	assert.ErrorIs(t, err, protocol.ErrNotFound)
	assert.EqualError(t, err, `answer "ERROR File not found"`)
}

func TestReadAnswerFaults(t *testing.T) {
	readSize := func(r *bufio.Reader) error { _, err := protocol.ReadSize(r); return err }
	for _, row := range []struct {
		name, wire string
		read       func(r *bufio.Reader) error
		want       error
	}{
		{"complete before ready", "OK Upload complete\r\n\r\n", protocol.ReadReady,
			&protocol.SyntaxError{Part: protocol.Header, Off: 3, Msg: `answer "OK Upload complete": want OK Ready to receive`}},
		{"half of it", "OK Ready\r\n\r\n", protocol.ReadReady,
			&protocol.SyntaxError{Part: protocol.Header, Off: 8, Msg: `answer "OK Ready": want OK Ready to receive`}},
		{"more than it", "OK Ready to receive you\r\n\r\n", protocol.ReadReady,
			&protocol.SyntaxError{Part: protocol.Header, Off: 20, Msg: `answer "OK Ready to receive you": want OK Ready to receive`}},
		{"more than a size", "OK 1 2\r\n\r\n", readSize,
			&protocol.SyntaxError{Part: protocol.Header, Off: 5, Msg: `answer "OK 1 2": want OK and a size`}},
		{"a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", protocol.ReadReady,
			&protocol.SyntaxError{Part: protocol.Header, Msg: `answer "HTTP/1.1 400 Bad Request": want OK Ready to receive`}},
		{"a size that is none", "OK many\r\n\r\n", readSize,
			&protocol.SyntaxError{Part: protocol.Header, Off: 3, Msg: `answer "OK many": want OK and a size`}},
		{"a size that is not OK", "KO 12\r\n\r\n", readSize,
			&protocol.SyntaxError{Part: protocol.Header, Msg: `answer "KO 12": want OK and a size`}},
		{"no word", "\r\n\r\n", readSize,
			&protocol.SyntaxError{Part: protocol.Header, Msg: `answer "": want OK and a size`}},
		{"no size", "OK\r\n\r\n", readSize,
			&protocol.SyntaxError{Part: protocol.Header, Off: 2, Msg: `answer "OK": want OK and a size`}},
		{"negative size", "OK -1\r\n\r\n", readSize,
			&protocol.SyntaxError{Part: protocol.Header, Off: 3, Msg: `answer "OK -1": want OK and a size`}},
		{"no end", strings.Repeat("OK", 5000), protocol.ReadComplete,
			&protocol.SyntaxError{Part: protocol.Header, Off: 8192, Msg: "no end within 8192 bytes"}},
		{"cut short", "OK Rea", protocol.ReadReady, &protocol.TruncatedError{Part: protocol.Header, Off: 6}},
		{"closed without a word", "", protocol.ReadComplete, &protocol.TruncatedError{Part: protocol.Header}},
		{"an error of its own", "ERROR Disk on fire \r\n\r\n", protocol.ReadComplete, &protocol.StatusError{Text: "Disk on fire"}},
		{"an error without a word", "ERROR\r\n\r\n", protocol.ReadReady, &protocol.StatusError{}},
		{"an error with odd characters", "ERROR a\nb\xff\r\n\r\n", readSize, &protocol.StatusError{Text: "a\nb\xff"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.read(bufio.NewReader(strings.NewReader(row.wire)))
			assert.Equal(t, row.want, err)
			assert.NotContains(t, err.Error(), "\n", "an error's text is one line")
		})
	}
}

func TestWriteErrorsComeThrough(t *testing.T) {
	broken := errors.New("broken")
	assert.Equal(t, broken, protocol.WriteReady(errWriter{broken}))
	assert.Equal(t, broken, protocol.WriteSize(errWriter{broken}, 1))
}

func FuzzReadAnswer(f *testing.F) {
	for _, wire := range []string{"OK Ready to receive\r\n\r\n", "OK 12\r\n\r\nrest", "ERROR File not found\r\n\r\n", "OK\x00\r\n\r\n", "O", "OK 99999999999999999999\r\n\r\n", " OK\t007 \r\n\r\n"} {
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire string) {
		size, err := protocol.ReadSize(bufio.NewReader(iotest.HalfReader(strings.NewReader(wire))))
		var (
			status    *protocol.StatusError
			syntax    *protocol.SyntaxError
			truncated *protocol.TruncatedError
		)
		switch {
		case err == nil:
			header, _, _ := strings.Cut(wire, "\r\n\r\n")
			number, ok := new(big.Int).SetString(strings.Trim(strings.TrimLeft(header, "OK \t"), " \t"), 10)
			require.True(t, ok)
			if number.IsInt64() {
				assert.Equal(t, number.Int64(), size)
			} else {
				assert.EqualValues(t, math.MaxInt64, size)
			}
		case errors.As(err, &status):
			assert.True(t, strings.HasPrefix(wire, "ERROR"))
		case errors.As(err, &syntax):
			assert.Nil(t, syntax.Answer, "a client answers nothing")
		default:
			assert.ErrorAs(t, err, &truncated)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}
	})
}

// Two refusals are the same if their texts are.
func TestStatusErrorIs(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", &protocol.StatusError{Text: "File not found"})
	assert.ErrorIs(t, err, protocol.ErrNotFound)
	assert.NotErrorIs(t, err, protocol.ErrFile)
	assert.NotErrorIs(t, err, io.EOF)
}

func TestStatsBusy(t *testing.T) {
	var stats protocol.Stats
	for _, state := range []protocol.State{protocol.StateBusy, protocol.StateIdle, protocol.StateBusy, protocol.StateStopping} {
		stats.PerWorker = append(stats.PerWorker, protocol.WorkerStats{State: state})
	}
	assert.Equal(t, 2, stats.Busy())
}

func TestStatsTotal(t *testing.T) {
	const wire = `{"pool":"thread","workers":2,"per_worker":[
		{"worker":0,"bytes_in":4,"storage_ns":7,"ops":{"upload":{"ok":1,"failed":{"cut short":2}}}},
		{"worker":1,"bytes_out":5,"resets":1,"ops":{"upload":{"ok":3,"failed":{"cut short":1,"reset":1}},"download":{"ok":1}}}]}`
	var stats protocol.Stats
	require.NoError(t, json.Unmarshal([]byte(wire), &stats))
	assert.Equal(t, protocol.WorkerStats{Worker: -1, BytesIn: 4, BytesOut: 5, Resets: 1, StorageNS: 7, Ops: map[protocol.Op]protocol.Ends{
		"upload":   {OK: 4, Failed: map[protocol.Reason]int64{"cut short": 3, "reset": 1}},
		"download": {OK: 1},
	}}, stats.Total())
	assert.Equal(t, protocol.WorkerStats{Worker: -1, Ops: map[protocol.Op]protocol.Ends{}}, protocol.Stats{}.Total())
}
