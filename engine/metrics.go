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

// NewMetrics collects what the SDK measures and serves it in Prometheus's format. Give the first to Dial and workers,
// mount the second, call the third when the process ends. Each call has its own registry, so that two workers in one
// process do not fall over each other.
//
// Labels hold names of queues, workflows and activities; never an id of a client.
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
		OnError:              func(error) {}, // a metric that cannot be kept must not stop a journey
	})
	return handler, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), provider.Shutdown, nil
}
