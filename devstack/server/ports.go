package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// loopback is the only address anything here listens on: the server asks nobody
// for a password.
const loopback = "127.0.0.1"

// Free ports are drawn from below the range the system hands out by itself
// (32768 and up on Linux, 49152 and up elsewhere). A port from that range can be
// given to some outgoing connection while the server is down, even to a client
// that is trying to reach it again, and then the server cannot come back.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// Ports of one server. The unnamed services talk to one another only.
type Ports struct {
	Frontend, HTTP, UI        int
	history, matching, worker int
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// choosePorts fills in every port that was not asked for. It holds all of them
// until the last is found, so that no two are the same, and lets them go just
// before use. A port lost in that moment ends the process with "address already
// in use", upon which devstack starts it again.
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
