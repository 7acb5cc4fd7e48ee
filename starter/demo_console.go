package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"kapflow/config"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/engine"
)

// listenHere opens a listener that only this machine reaches, and gives its origin in the browser.
func (d *demo) listenHere() (listener net.Listener, origin string, err error) {
	listener, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	d.closers = append(d.closers, func() { _ = listener.Close() })
	return listener, fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port), nil
}

// serveHere serves until the demo ends.
func (d *demo) serveHere(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	d.closers = append(d.closers, func() { _ = server.Close() })
}

// serveConsole serves the staff console to the sample people, and gives the sign-in.
func (d *demo) serveConsole(codec *engine.Codec) (*signin.SignIn, error) {
	listener, origin, err := d.listenHere()
	if err != nil {
		return nil, err
	}
	signIn, err := signin.ForDemo(d.SignInOptions(config.Settings{ConsoleURL: origin, ConsoleListen: listener.Addr().String()}))
	if err != nil {
		return nil, err
	}
	staff, endStreams := d.StaffConsole(signIn, codec, d.stack.Temporal.UI)
	d.closers = append(d.closers, endStreams)
	d.serveHere(listener, staff)
	return signIn, nil
}

// serveClientPages serves the pages that the links in messages lead to.
func (d *demo) serveClientPages() { d.serveHere(d.pages, console.Handler(d.ClientPages(""))) }
