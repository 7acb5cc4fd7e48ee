package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
)

// readyTimeout limits the wait for services that have been started.
const readyTimeout = 30 * time.Second

// awaitReady returns once the namespace can be used and the UI answers, so that readers of the addresses need not
// retry.
func awaitReady(ctx context.Context, opts Options, ports Ports) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := awaitNamespace(ctx, address(ports.Frontend), opts.Namespace); err != nil {
		return fmt.Errorf("namespace %q does not answer: %w", opts.Namespace, err)
	}
	if opts.Headless {
		return nil
	}
	if err := awaitPage(ctx, uiURL(ports)+"/healthz"); err != nil {
		return fmt.Errorf("the web UI does not answer: %w", err)
	}
	return nil
}

func awaitNamespace(ctx context.Context, target, namespace string) error {
	c, err := client.NewLazyClient(client.Options{HostPort: target, Namespace: namespace})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WorkflowService().DescribeNamespace(ctx,
		&workflowservice.DescribeNamespaceRequest{Namespace: namespace},
		grpc.WaitForReady(true))
	return err
}

func awaitPage(ctx context.Context, url string) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("GET %s: %s", url, resp.Status)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func uiURL(p Ports) string { return "http://" + address(p.UI) }

// announce writes the server's addresses to out, and to a file if one is named. The file appears only when complete,
// because a reader may be polling for it.
func announce(file string, out io.Writer, ports Ports, headless bool) error {
	where := struct {
		GRPC string `json:"grpc"`
		HTTP string `json:"http"`
		UI   string `json:"ui,omitempty"`
	}{GRPC: address(ports.Frontend), HTTP: address(ports.HTTP), UI: uiURL(ports)}
	if headless {
		where.UI = ""
	}
	line, err := json.Marshal(where)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if file != "" {
		if err := writeWhole(file, line); err != nil {
			return fmt.Errorf("write addresses: %w", err)
		}
	}
	_, err = out.Write(line)
	return err
}

func writeWhole(file string, content []byte) error {
	// In the same directory, because a rename cannot cross file systems.
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if _, err := tmp.Write(content); err != nil {
		_ = tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
