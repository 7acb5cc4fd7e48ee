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
	// defaultPatience covers a server that is still starting beside us (a few seconds) without hiding a wrong address.
	defaultPatience = 30 * time.Second
	// attemptTimeout lets one attempt fail early enough for several within the patience.
	attemptTimeout = 5 * time.Second
	retryPause     = 250 * time.Millisecond
	// neutralIdentity stands where the SDK would put process, user and host name: identities are stored in the clear.
	neutralIdentity = "kapflow"
)

// Options say where Temporal is and how to talk to it. Codec is required: nothing is sent unencrypted.
type Options struct {
	// Address, if set, is used as it is, without TLS or credentials, and nothing is read from the environment or from
	// Temporal's configuration file: it is for the private server of a demo or a test, and no credential meant for
	// another server may reach that one. Empty reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
	// TEMPORAL_TLS_… and the rest as envconfig defines them.
	Address string
	// Namespace overrides the one that is configured. Without either it is "default".
	Namespace string
	// Codec encrypts payloads, failures, summaries and details.
	Codec *Codec
	// Logger takes the SDK's log lines. Give it a handler from RedactingHandler. Nil discards them.
	Logger *slog.Logger
	// Metrics, from NewMetrics, may be nil.
	Metrics client.MetricsHandler
	// Identity overrides the neutral one; it is stored in the clear, so no person's or machine's name.
	Identity string
	// Patience is how long to keep trying; 0 is 30 seconds.
	Patience time.Duration
	// Interceptors and DialOptions go to the SDK and to gRPC as they are.
	Interceptors []interceptor.ClientInterceptor
	DialOptions  []grpc.DialOption
}

// Dial connects to Temporal and makes sure that the namespace is there. It keeps trying until ctx ends or the patience
// runs out, because at a start of the whole house Temporal may be up later than we are; its error then says what to
// check. Faults that waiting cannot mend (a refused credential, a certificate that cannot be read) are reported at once.
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

// DataConverter is what Dial gives its client. Replay tests and histories read outside a client need the same one; a
// replay must also name the workflow the history came from (worker.ReplayWorkflowHistoryOptions.OriginalExecution),
// since payloads are bound to it.
func DataConverter(codec *Codec) converter.DataConverter {
	return holdingConverter{DataConverter: converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)}
}

// FailureConverter encrypts the message and stack trace of every failure as well: error texts quote what they failed on.
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
	// What we send is encrypted: packing it again, and having the server pack its answers, only takes time.
	clientOptions.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	clientOptions.WorkerHeartbeatInterval = -1 // a worker's heartbeat would tell the server this machine's name
	return clientOptions, nil
}

// nameNamespace fills the namespace into the raw calls for which the SDK has no wrapper. A client does not tell its
// namespace, and a second copy of it in every caller's hands could differ from the first.
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

// dialOnce connects and asks for the namespace, since a server that has just been set up answers before its namespace
// exists, and the first workflow would fail on it. A credential may lack the right to ask; then the asking proves
// nothing, and the first call will tell.
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

// passing tells whether waiting may mend a failed attempt: the server or its namespace may still be coming up.
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

// unwrapStatus finds the gRPC status inside Temporal's own errors, which carry it behind a method of their own.
func unwrapStatus(err error) error {
	var carrier serviceerror.ServiceError
	if errors.As(err, &carrier) {
		return carrier.Status().Err()
	}
	return err
}

func dialFault(options client.Options, what string, err error) error {
	return fmt.Errorf("no connection: Temporal at %s %s (namespace %q): check that the server runs and that TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, "+
		"TEMPORAL_API_KEY and TEMPORAL_TLS_… name it rightly; the last attempt said: %w", options.HostPort, what, options.Namespace, err)
}
