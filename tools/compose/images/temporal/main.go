// Command temporal stands in for Temporal's command line in the test of docker-compose.yml. It has only what deploy/temporal/namespace.sh
// calls: operator cluster health, operator namespace describe and operator namespace create.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var words []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		words, args = append(words, args[0]), args[1:]
	}
	flags := flag.NewFlagSet("temporal", flag.ContinueOnError)
	address := flags.String("address", "127.0.0.1:7233", "the server")
	namespace := flags.String("namespace", "default", "the namespace")
	retention := flags.String("retention", "3d", "days, such as 90d")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: *address})
	if err != nil {
		return err
	}
	defer c.Close()
	switch command := strings.Join(words, " "); command {
	case "operator cluster health":
		_, err = c.CheckHealth(ctx, &client.CheckHealthRequest{})
	case "operator namespace describe":
		_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: *namespace})
	case "operator namespace create":
		err = create(ctx, c, *namespace, *retention)
	default:
		err = fmt.Errorf("this stand-in has no command %q", command)
	}
	return err
}

// create registers a namespace. A retention is a number of days.
func create(ctx context.Context, c client.Client, namespace, retention string) error {
	days, err := strconv.Atoi(strings.TrimSuffix(retention, "d"))
	if err != nil {
		return fmt.Errorf("retention %q: %w", retention, err)
	}
	_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(time.Duration(days) * 24 * time.Hour)})
	return err
}
