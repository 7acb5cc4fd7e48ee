package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	tlog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// defaultPatience is enough for a server that is still starting, and short enough to report a wrong address.
	defaultPatience = 30 * time.Second
	// attemptTimeout allows several attempts within the patience.
	attemptTimeout = 5 * time.Second
	retryPause     = 250 * time.Millisecond
	// neutralIdentity replaces the SDK's identity of process, user and host name, which is stored in the clear.
	neutralIdentity = "kapflow"
)

// Options say where Temporal is and how to connect. Codec is required: nothing is sent unencrypted.
type Options struct {
	// Address, if set, is used without TLS or credentials, and nothing is read from the environment or from
	// Temporal's configuration file. It is for the private server of a demo or a test, which must not receive
	// credentials for another server. If empty, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
	// TEMPORAL_TLS_… and the others are read as envconfig defines them.
	Address string
	// Namespace overrides the configured one. The default is "default".
	Namespace string
	// Codec encrypts payloads, failures, summaries and details.
	Codec *Codec
	// Logger takes the SDK's log lines. Give it a handler from RedactingHandler. Nil discards them.
	Logger *slog.Logger
	// Metrics, from NewMetrics, may be nil.
	Metrics client.MetricsHandler
	// Identity overrides the neutral one. It is stored in the clear, so it must not name a person or machine.
	Identity string
	// Patience is how long to retry; 0 means 30 seconds.
	Patience time.Duration
	// Interceptors and DialOptions are passed to the SDK and to gRPC.
	Interceptors []interceptor.ClientInterceptor
	DialOptions  []grpc.DialOption
}

// Dial connects to Temporal and checks that the namespace exists. It retries until ctx ends or the patience runs out,
// because Temporal may start after this process. The error then says what to check. Faults that waiting cannot fix (a
// refused credential, an unreadable certificate) are reported at once.
func Dial(ctx context.Context, options Options) (client.Client, error) {
	clientOptions, err := clientOptions(options)
	if err != nil {
		return nil, err
	}
	patience := options.Patience
	if patience == 0 {
		patience = defaultPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		temporalClient, err := dialOnce(ctx, clientOptions)
		if err == nil {
			return temporalClient, nil
		}
		if !passing(err) {
			return nil, dialFault(clientOptions, "refused us", err)
		}
		select {
		case <-ctx.Done():
			return nil, dialFault(clientOptions, "did not answer in time", err)
		case <-time.After(retryPause):
		}
	}
}

// DataConverter is the converter that Dial gives its client. Replay tests, and programs that read histories without a
// client, need the same one. A replay must also name the workflow that the history came from
// (worker.ReplayWorkflowHistoryOptions.OriginalExecution), because payloads are bound to it.
func DataConverter(codec *Codec) converter.DataConverter {
	return holdingConverter{DataConverter: converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)}
}

// FailureConverter also encrypts the message and stack trace of every failure, because error texts may quote values.
func FailureConverter(codec *Codec) converter.FailureConverter {
	return temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: DataConverter(codec), EncodeCommonAttributes: true,
	})
}

func clientOptions(options Options) (client.Options, error) {
	if options.Codec == nil {
		return client.Options{}, errors.New("a codec is required: payloads are always encrypted")
	}
	clientOptions := client.Options{HostPort: options.Address}
	if options.Address == "" {
		var err error
		if clientOptions, err = envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{}); err != nil {
			return client.Options{}, fmt.Errorf("the settings for Temporal (TEMPORAL_…) cannot be read: %w", err)
		}
	}
	if clientOptions.HostPort == "" {
		clientOptions.HostPort = client.DefaultHostPort
	}
	if options.Namespace != "" {
		clientOptions.Namespace = options.Namespace
	}
	if clientOptions.Namespace == "" {
		clientOptions.Namespace = client.DefaultNamespace
	}
	logger := options.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	clientOptions.Identity = options.Identity
	if clientOptions.Identity == "" {
		clientOptions.Identity = neutralIdentity
	}
	clientOptions.DataConverter = DataConverter(options.Codec)
	clientOptions.FailureConverter = FailureConverter(options.Codec)
	clientOptions.Logger = tlog.NewStructuredLogger(logger)
	clientOptions.MetricsHandler = options.Metrics
	clientOptions.Interceptors = options.Interceptors
	clientOptions.ConnectionOptions.DialOptions = append(clientOptions.ConnectionOptions.DialOptions,
		grpc.WithChainUnaryInterceptor(nameNamespace(clientOptions.Namespace)))
	clientOptions.ConnectionOptions.DialOptions = append(clientOptions.ConnectionOptions.DialOptions, options.DialOptions...)
	clientOptions.ConnectionOptions.GetSystemInfoTimeout = attemptTimeout
	// The payload is encrypted, so compressing it only takes time.
	clientOptions.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	clientOptions.WorkerHeartbeatInterval = -1 // a worker's heartbeat would send this machine's name
	return clientOptions, nil
}

// nameNamespace adds the namespace to raw calls for which the SDK has no wrapper. The client does not expose its
// namespace, and a copy of it elsewhere could differ.
func nameNamespace(namespace string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		switch request := request.(type) {
		case *workflowservice.UpdateWorkflowExecutionOptionsRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		case *workflowservice.PollWorkflowExecutionTimeSkippingRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		case *workflowservice.GetWorkflowExecutionHistoryRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		case *workflowservice.DescribeScheduleRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		case *workflowservice.DescribeTaskQueueRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		case *operatorservice.ListSearchAttributesRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		case *operatorservice.AddSearchAttributesRequest:
			if request.Namespace == "" {
				request.Namespace = namespace
			}
		}
		return invoke(ctx, method, request, reply, conn, options...)
	}
}

// dialOnce connects and asks for the namespace: a new server answers before its namespace exists, and the first
// workflow would fail. If the credential may not ask, the first real call will show whether the namespace exists.
func dialOnce(ctx context.Context, options client.Options) (client.Client, error) {
	attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	temporalClient, err := client.DialContext(attempt, options)
	if err != nil {
		return nil, err
	}
	_, err = temporalClient.WorkflowService().DescribeNamespace(attempt, &workflowservice.DescribeNamespaceRequest{Namespace: options.Namespace})
	switch code := status.Code(unwrapStatus(err)); {
	case err == nil, code == codes.PermissionDenied, code == codes.Unimplemented:
		return temporalClient, nil
	}
	temporalClient.Close()
	return nil, err
}

// passing reports whether waiting may fix a failed attempt: the server or its namespace may still be starting.
func passing(err error) bool {
	var notFound *serviceerror.NamespaceNotFound
	var unavailable *serviceerror.Unavailable
	if errors.As(err, &notFound) || errors.As(err, &unavailable) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	switch status.Code(unwrapStatus(err)) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.NotFound, codes.Internal:
		return true
	}
	return false
}

// unwrapStatus finds the gRPC status inside Temporal's own errors, which expose it with their own method.
func unwrapStatus(err error) error {
	var carrier serviceerror.ServiceError
	if errors.As(err, &carrier) {
		return carrier.Status().Err()
	}
	return err
}

func dialFault(options client.Options, what string, err error) error {
	return fmt.Errorf("no connection: Temporal at %s %s (namespace %q): check that the server runs, and check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, "+
		"TEMPORAL_API_KEY and TEMPORAL_TLS_…; the last error was: %w", options.HostPort, what, options.Namespace, err)
}
