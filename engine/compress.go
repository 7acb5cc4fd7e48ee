package engine

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"sync"
)

// compressedMark starts a plaintext that was compressed. No serialized payload starts with it: zero is no tag in Protocol Buffers.
// A later dictionary needs a mark of its own, because histories keep what the first one compressed.
const compressedMark = 0x00

// largestPlaintext is the size in bytes beyond which nothing is expanded. Temporal itself refuses payloads of more than 2 MB.
const largestPlaintext = 16 << 20

// dictionary holds what payloads have in common, the most frequent last, as compression looks back from there. It decides sizes
// only, not meaning, and never changes: payloads of running histories were compressed with it.
//
//go:embed dictionary.txt
var dictionary []byte

// compressors and expanders are kept for reuse: a new compressor takes more than a megabyte of memory, an expander 40 kB.
var compressors = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(io.Discard, flate.DefaultCompression, dictionary)
	if err != nil {
		panic("engine: " + err.Error()) // only a wrong level fails
	}
	return w
}}

var expanders = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// compress gives the shorter of a plaintext and its compressed form.
func compress(plain []byte) ([]byte, error) {
	w := compressors.Get().(*flate.Writer) //nolint:errcheck // the pool holds nothing else
	defer compressors.Put(w)
	out := bytes.NewBuffer(make([]byte, 0, len(plain)))
	out.WriteByte(compressedMark)
	w.Reset(out)
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("cannot compress a payload: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("cannot compress a payload: %w", err)
	}
	if out.Len() < len(plain) {
		return out.Bytes(), nil
	}
	return plain, nil
}

// expand gives the plaintext that was compressed; one that was not is given back. It fails for bytes that compress does not make.
func expand(data []byte) ([]byte, error) {
	if len(data) == 0 || data[0] != compressedMark {
		return data, nil
	}
	r := expanders.Get().(io.Reader) //nolint:errcheck // the pool holds nothing else
	defer expanders.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(data[1:]), dictionary); err != nil { //nolint:errcheck // every reader of flate is one
		return nil, fmt.Errorf("cannot expand a payload: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, largestPlaintext+1))
	if err != nil {
		return nil, fmt.Errorf("cannot expand a payload: %w", err)
	}
	if len(plain) > largestPlaintext {
		return nil, errors.New("a payload expands to more than 16 MB")
	}
	return plain, nil
}
