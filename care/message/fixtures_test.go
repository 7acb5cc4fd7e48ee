package message_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/temporalproto"

	"kapflow/care/message"
	"kapflow/engine"
	"kapflow/keyring"
)

// TestKeysInRecordingsComeBackAsTheyWere reads every key in the charts and histories that released builds left behind.
func TestKeysInRecordingsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	keep := func(text string) { found[text] = true }
	for _, file := range files(t, "../testdata", ".json.gz") {
		findKeys(unzip(t, file), keep)
	}
	charts := len(found)
	for _, file := range files(t, "../../workflows/testdata", ".json.gz") {
		for _, payload := range payloads(t, file) {
			findKeys(payload, keep)
		}
	}
	if charts < 50 || len(found) < 100 {
		t.Fatalf("%d keys in charts, %d with those in histories", charts, len(found))
	}
	for text := range found {
		if key, err := message.Parse(text); err != nil || key.String() != text {
			t.Errorf("%q is read as %+v, %v", text, key, err)
		}
	}
}

func files(t *testing.T, dir, suffix string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, suffix) {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d files in %s: %v", len(out), dir, err)
	}
	return out
}

// findKeys finds the keys in JSON wherever a chart, a sending or its result has them.
func findKeys(body []byte, keep func(string)) {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			handled, _ := v["handled"].(map[string]any)
			for key := range handled {
				keep(key)
			}
			_, notification := v["template"]
			_, result := v["outcome"]
			for _, name := range []string{"key", "of", "duty"} {
				if text, is := v[name].(string); is && (name != "key" || notification || result) {
					keep(text)
				}
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(value)
}

// unzip reads a compressed file.
func unzip(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// payloads gives all that a recorded history carries, decrypted with the key that lies beside it or above it.
func payloads(t *testing.T, file string) (out [][]byte) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(filepath.Dir(file), "key"))
	if err != nil {
		key, err = os.ReadFile(filepath.Join(filepath.Dir(file), "..", "key"))
	}
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(string(key))
	if err != nil {
		t.Fatal(err)
	}
	history := new(historypb.History)
	if err := (temporalproto.CustomJSONUnmarshalOptions{DiscardUnknown: true}).Unmarshal(unzip(t, file), history); err != nil {
		t.Fatal(err)
	}
	err = proxy.VisitPayloads(t.Context(), history, proxy.VisitPayloadsOptions{Visitor: func(_ *proxy.VisitPayloadsContext, p []*commonpb.Payload) ([]*commonpb.Payload, error) {
		plain, err := engine.NewCodec(ring).Decode(p)
		for _, x := range plain {
			out = append(out, x.GetData())
		}
		return p, err
	}, SkipSearchAttributes: true})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
