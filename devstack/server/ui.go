package main

import (
	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI serves the Web UI and returns how to stop it. A port that cannot be
// bound ends the process from within the library.
func startUI(opts Options, ports Ports) (stop func()) {
	ui := server.NewServer(server_options.WithConfigProvider(uiConfig(opts, ports)))
	// It returns when stopped; a failure to serve exits, see above.
	go func() { _ = ui.Start() }()
	return ui.Stop
}

// uiConfig is a UI for watching. What is done to a client's course goes through
// the desk, which knows who asks; this page does not, so it changes nothing.
func uiConfig(opts Options, ports Ports) *config.Config {
	return &config.Config{
		TemporalGRPCAddress: address(ports.Frontend),
		Host:                loopback,
		Port:                ports.UI,
		EnableUI:            true,
		DefaultNamespace:    opts.Namespace,
		Codec:               config.Codec{Endpoint: opts.CodecEndpoint},
		DisableWriteActions: true,
		// The browser would otherwise ask a public site for news.
		DisableNewsFetch: true,
		// Its log has a line for every request.
		HideLogs: true,
		// Plain HTTP on loopback: a cookie marked secure would be dropped.
		CORS: config.CORS{CookieInsecure: true},
	}
}
