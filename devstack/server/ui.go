package main

import (
	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI serves the Web UI and returns a function that stops it. The library ends the process if it cannot bind the
// port.
func startUI(opts Options, ports Ports) (stop func()) {
	ui := server.NewServer(server_options.WithConfigProvider(uiConfig(opts, ports)))
	// It returns when stopped. A failure ends the process, see above.
	go func() { _ = ui.Start() }()
	return ui.Stop
}

// uiConfig is the configuration of a read-only UI. A client's course is changed only through the desk, which knows who
// asks. The UI does not.
func uiConfig(opts Options, ports Ports) *config.Config {
	return &config.Config{
		TemporalGRPCAddress: address(ports.Frontend),
		Host:                loopback,
		Port:                ports.UI,
		EnableUI:            true,
		DefaultNamespace:    opts.Namespace,
		Codec:               config.Codec{Endpoint: opts.CodecEndpoint},
		DisableWriteActions: true,
		// Otherwise the browser asks a public site for news.
		DisableNewsFetch: true,
		// Its log has a line for every request.
		HideLogs: true,
		// Plain HTTP on loopback: a cookie marked secure would be dropped.
		CORS: config.CORS{CookieInsecure: true},
	}
}
