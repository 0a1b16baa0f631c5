package protocol_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"poolbench/protocol"
)

// The reference is encoding/base64 on the whole text at once. If it finds a fault, ours must
// be at the first byte after which no continuation is valid, by the same reference.
func FuzzPayload(f *testing.F) {
	long := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789"), 40))
	for _, text := range []string{"", "QUJD", "QUI=", "QQ==", "QR==", "QUI=QUI=", "QQ=\n=", "Q", "=", "QUJD!", "\xff\x00",
		long, long[:200] + "\r\n" + long[200:], long[:100] + "=" + long[100:], long[:333], long[:64] + "-" + long[65:]} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decode(t, text, int64(len(text)))
		want, wantErr := base64.StdEncoding.Strict().AppendDecode(nil, text)
		if wantErr == nil {
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, got))
			return
		}
		var syntax *protocol.SyntaxError
		require.ErrorAs(t, err, &syntax)
		require.True(t, bytes.HasPrefix(want, got))
		if syntax.Off == int64(len(text)) {
			require.True(t, canContinue(text), "blames the end, but nothing can follow")
			return
		}
		require.True(t, canContinue(text[:syntax.Off]), "a byte before %d is at fault", syntax.Off)
		require.False(t, canContinue(text[:syntax.Off+1]), "byte %d is not at fault", syntax.Off)
	})
}

// canContinue reports whether some continuation makes the text valid.
func canContinue(text []byte) bool {
	for _, rest := range []string{"", "=", "==", "A", "A=", "A==", "AA", "AA=", "AA==", "AAA"} {
		if _, err := base64.StdEncoding.Strict().AppendDecode(nil, append(bytes.Clone(text), rest...)); err == nil {
			return true
		}
	}
	return false
}

// Decoding returns what was encoded, whatever the length of the lines.
func FuzzPayloadRoundTrip(f *testing.F) {
	f.Add([]byte("poolbench"), uint16(0))
	f.Add(bytes.Repeat([]byte{0, 255, 16}, 700), uint16(76))
	f.Add(bytes.Repeat([]byte{7}, 200), uint16(5))
	f.Fuzz(func(t *testing.T, data []byte, width uint16) {
		text := base64.StdEncoding.AppendEncode(nil, data)
		if width > 0 {
			lines := bytes.Buffer{}
			for line := range slices.Chunk(text, int(width)) {
				lines.Write(line)
				lines.WriteString("\r\n")
			}
			text = lines.Bytes()
		}
		got, err := decode(t, text, int64(len(text)))
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
	})
}

// This comparison is why the decoder is our own.
func BenchmarkPayload(b *testing.B) {
	plain := bytes.Repeat([]byte("QUJDREVGR0hJSktMTU5PUFFSU1RV"), 1<<20/28)
	wrap := func(width int, br string) (wrapped []byte) {
		for line := range slices.Chunk(plain, width) {
			wrapped = append(append(wrapped, line...), br...)
		}
		return wrapped
	}
	for _, row := range []struct {
		name string
		text []byte
		of   func(r io.Reader, size int64) io.Reader
	}{
		{"decoder=ours/text=plain", plain, ours()},
		{"decoder=ours/text=lines", wrap(76, "\n"), ours()},
		{"decoder=ours/text=shortlines", wrap(4, "\r"), ours()},
		{"decoder=ours/text=breaks", bytes.Repeat([]byte("\r"), 1<<20), ours()},
		{"decoder=std/text=plain", plain, std},
		{"decoder=std/text=lines", wrap(76, "\n"), std},
		{"decoder=std/text=shortlines", wrap(4, "\r"), std},
		{"decoder=std/text=breaks", bytes.Repeat([]byte("\r"), 1<<20), std},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.SetBytes(int64(len(row.text)))
			for b.Loop() {
				_, err := io.Copy(io.Discard, row.of(bytes.NewReader(row.text), int64(len(row.text))))
				require.NoError(b, err)
			}
		})
	}
}

func ours() func(r io.Reader, size int64) io.Reader {
	var p protocol.PayloadReader
	return func(r io.Reader, size int64) io.Reader {
		p.Reset(r, size)
		return &p
	}
}

func std(r io.Reader, _ int64) io.Reader { return base64.NewDecoder(base64.StdEncoding, r) }
