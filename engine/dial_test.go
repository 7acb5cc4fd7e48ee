package engine

import (
	"context"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kapflow/keyring"
)

func TestDialSaysWhatToCheck(t *testing.T) {
	t.Parallel()
	began := time.Now()
	_, err := Dial(t.Context(), Options{Address: "127.0.0.1:1", Codec: NewCodec(ringOf(t, keyring.NewEntry("k1"))), Patience: time.Second})
	if err == nil {
		t.Fatal("connected to nothing")
	}
	for _, want := range []string{"127.0.0.1:1", "did not answer in time", "TEMPORAL_ADDRESS"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to give up", took)
	}
	if _, err := Dial(t.Context(), Options{Address: "127.0.0.1:1"}); err == nil || !strings.Contains(err.Error(), "codec") {
		t.Errorf("without encryption: %v", err)
	}
}

func TestDialReadsTheEnvironmentOnlyWithoutAnAddress(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
	t.Setenv("TEMPORAL_NAMESPACE", "clinic")
	t.Setenv("TEMPORAL_API_KEY", "not-for-the-demo")
	codec := NewCodec(ringOf(t, keyring.NewEntry("k1")))
	configured, err := clientOptions(Options{Codec: codec})
	if err != nil || configured.HostPort != "temporal.example:7233" || configured.Namespace != "clinic" || configured.Credentials == nil || configured.Identity != "kapflow" {
		t.Errorf("%+v, %v", configured, err)
	}
	private, err := clientOptions(Options{Codec: codec, Address: "127.0.0.1:7233"})
	if err != nil || private.HostPort != "127.0.0.1:7233" || private.Namespace != "default" || private.Credentials != nil {
		t.Errorf("%+v, %v", private, err)
	}
}

func TestDialMeetsARealServer(t *testing.T) {
	t.Parallel()
	codec := NewCodec(ringOf(t, keyring.NewEntry("k1")))
	metrics, handler, shutdown, err := NewMetrics()
	must(t, err)
	temporalClient, err := Dial(t.Context(), Options{Address: temporalAddress(t), Codec: codec, Metrics: metrics})
	must(t, err)
	temporalClient.Close()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	page, _ := io.ReadAll(recorder.Body)
	for _, want := range []string{"temporal_request", "go_goroutines", "process_start_time_seconds"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%s is not measured", want)
		}
	}
	must(t, shutdown(context.WithoutCancel(t.Context())))
	_, err = Dial(t.Context(), Options{Address: temporalAddress(t), Namespace: "nowhere", Codec: codec, Patience: time.Second})
	if err == nil || !strings.Contains(err.Error(), `namespace "nowhere"`) {
		t.Errorf("a namespace that isn't there: %v", err)
	}
}

func TestScheduleSpecNamesEveryFault(t *testing.T) {
	t.Parallel()
	err := ScheduleSpec{Hour: 25, TimeZone: "Mars/Olympus"}.check()
	for _, want := range []string{"needs an ID", "25:00", "Mars/Olympus"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}
