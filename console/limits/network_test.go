package limits_test

import (
	"testing"

	"kapflow/console/limits"
)

func TestLimitsCountNetworks(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ one, other, network string }{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
		{"2001:db8:1:2::1", "[2001:db8:1:2::9]", "2001:db8:1:2::/64"},
		{"203.0.113.7", "::ffff:203.0.113.7", "203.0.113.7"},
		{"fe80::1%eth0", "fe80::2%eth1", "fe80::/64"},
	} {
		if limits.NetworkOf(x.one) != x.network || limits.NetworkOf(x.other) != x.network {
			t.Errorf("%s and %s are %s and %s, want %s", x.one, x.other, limits.NetworkOf(x.one), limits.NetworkOf(x.other), x.network)
		}
	}
	for one, other := range map[string]string{"2001:db8:1:2::1": "2001:db8:1:3::1", "203.0.113.7": "203.0.113.8", "what": "else"} {
		if limits.NetworkOf(one) == limits.NetworkOf(other) {
			t.Errorf("%s and %s are both %s", one, other, limits.NetworkOf(one))
		}
	}
}
