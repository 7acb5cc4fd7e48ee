package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// NewMetrics collects the SDK's metrics and serves them in Prometheus's format. Give the first value to Dial and to
// workers, mount the second, and call the third when the process ends. Each call makes its own registry, so that two
// workers can run in one process.
//
// Labels hold names of queues, workflows and activities, and never a client's id.
func NewMetrics() (client.MetricsHandler, http.Handler, func(context.Context) error, error) {
	registry := prometheus.NewRegistry()
	err := errors.Join(
		registry.Register(collectors.NewGoCollector()),
		registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
	)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("cannot collect the process's own metrics: %w", err)
	}
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, nil, nil, fmt.Errorf("cannot set up the metrics: %w", err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(exporter))
	handler := opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:                provider.Meter("temporal-sdk-go"),
		UseMonotonicCounters: true,
		OnError:              func(error) {}, // a failing metric must not stop a journey
	})
	return handler, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), provider.Shutdown, nil
}
