package devstack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
)

// loopback is the only address our servers listen on.
const loopback = "127.0.0.1"

// Free ports are drawn from below the range the system hands out by itself
// (32768 and up on Linux, 49152 and up on macOS). A port from that range can be
// given to some outgoing connection while its server is down, even to a client
// trying to reach that server again, and then the server cannot come back.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// bindAttempts is how often a server is started again on other ports, because
// somebody took one between our look and its use.
const bindAttempts = 5

// freePort finds a port on which nobody listens right now.
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

// portOf returns the port of an address that was made by us.
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

// saysPortTaken tells from what a server wrote whether a port was taken. Go and
// PostgreSQL use the system's words for it, which differ in case.
func saysPortTaken(log string) bool {
	return strings.Contains(strings.ToLower(log), "address already in use")
}
