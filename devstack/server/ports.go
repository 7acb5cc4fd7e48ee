package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// loopback is the only address that the server listens on, because it asks for no password.
const loopback = "127.0.0.1"

// Range of free ports. It is below the range that the system assigns by itself (32768 and up on Linux, 49152 and up
// elsewhere). While the server is down, the system could give a port from that range to an outgoing connection, even to
// a client that is reconnecting, and the server could not restart.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// Ports are the ports of one server. The unnamed services talk only to each other.
type Ports struct {
	Frontend, HTTP, UI        int
	history, matching, worker int
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// choosePorts fills in every port that was not given. It holds all of them until the last is found, so that no two are
// the same, and releases them just before use. If a port is taken in that moment, the process ends with "address
// already in use" and devstack starts it again.
func choosePorts(o Options) (Ports, error) {
	p := Ports{Frontend: o.Port, HTTP: o.HTTPPort, UI: o.UIPort}
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for _, port := range []*int{&p.Frontend, &p.HTTP, &p.UI, &p.history, &p.matching, &p.worker} {
		l, err := listen(*port)
		if err != nil {
			return Ports{}, err
		}
		held = append(held, l)
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// listen binds the given port, or any free one if it is 0.
func listen(port int) (net.Listener, error) {
	if port != 0 {
		return net.Listen("tcp", address(port))
	}
	var failed []error
	for range 50 {
		l, err := net.Listen("tcp", address(lowestPort+rand.IntN(highestPort-lowestPort)))
		if err == nil {
			return l, nil
		}
		failed = append(failed, err)
	}
	return nil, fmt.Errorf("no free port between %d and %d: %w", lowestPort, highestPort, errors.Join(failed...))
}
