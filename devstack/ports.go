package devstack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
)

// loopback is the only address that our servers listen on.
const loopback = "127.0.0.1"

// Range of free ports. It is below the range that the system assigns by itself (32768 and up on Linux, 49152 and up on
// macOS). While a server is down, the system could give a port from that range to an outgoing connection, even to a
// client that is reconnecting, and the server could not restart.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// bindAttempts is how often a server is started again on other ports, because another program took one after it was
// found free.
const bindAttempts = 5

// freePort finds a port that is not in use right now.
func freePort() (int, error) {
	var failed []error
	for range 50 {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		return port, l.Close()
	}
	return 0, fmt.Errorf("no free port between %d and %d: %w", lowestPort, highestPort, errors.Join(failed...))
}

// portOf returns the port of an address that we made.
func portOf(address string) int {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	return n
}

// saysPortTaken reports whether a server's log says that a port is in use. Go and PostgreSQL use the system's message,
// with different capitals.
func saysPortTaken(log string) bool {
	return strings.Contains(strings.ToLower(log), "address already in use")
}
