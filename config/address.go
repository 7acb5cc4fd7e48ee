package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
)

// PrivateHosts are hosts and networks that no other machine can reach, so that connections to them need no TLS: a list such as
// postgres,temporal,10.8.0.0/16.
type PrivateHosts struct {
	names    map[string]bool
	networks []netip.Prefix
}

// privateNetworks are the ranges that the internet does not route.
var privateNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7")}

// privateEndings are the endings of names that no public name server knows.
var privateEndings = []string{".internal", ".local", ".lan", ".home.arpa"}

// UnmarshalText reads the list. It refuses names and networks that are public.
func (p *PrivateHosts) UnmarshalText(text []byte) error {
	p.names = map[string]bool{}
	for _, entry := range strings.Split(string(text), ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "" {
			continue
		}
		if address, err := netip.ParseAddr(entry); err == nil {
			entry = netip.PrefixFrom(address, address.BitLen()).String()
		}
		if network, err := netip.ParsePrefix(entry); err == nil {
			if !private(network) {
				return fmt.Errorf("names %s, which is not a private network; use one inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7", entry)
			}
			p.networks = append(p.networks, network)
			continue
		}
		if !privateName(entry) {
			return fmt.Errorf("names %q, which is not a name on a private network; use a name without a dot, or one that ends in .internal, .local, .lan or .home.arpa", entry)
		}
		p.names[entry] = true
	}
	return nil
}

func private(network netip.Prefix) bool {
	for _, outer := range privateNetworks {
		if outer.Bits() <= network.Bits() && outer.Contains(network.Addr()) {
			return true
		}
	}
	return false
}

func privateName(name string) bool {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	for _, ending := range privateEndings {
		if strings.HasSuffix(name, ending) && name != ending {
			return true
		}
	}
	return !strings.Contains(name, ".")
}

// Holds says whether a connection to a host needs no TLS: it is this machine, a socket's path, or named in the list.
func (p PrivateHosts) Holds(host string) bool {
	host = strings.ToLower(host)
	if strings.HasPrefix(host, "/") || host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return p.names[host]
	}
	address = address.Unmap()
	if address.IsLoopback() {
		return true
	}
	for _, network := range p.networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

const orPrivate = "or name its host in KAPFLOW_PRIVATE_HOSTS if no other machine can reach that network"

// checkAddresses refuses every address to which something would go in the clear over a network that is not named as private.
func (s Settings) checkAddresses(given map[string]string) (faults []Fault) {
	for _, a := range []struct{ variable, text string }{
		{"KAPFLOW_PUBLIC_URL", s.PublicURL}, {"KAPFLOW_UI_ORIGIN", s.UIOrigin}, {"TWILIO_BASE_URL", s.TwilioBaseURL}, {"SENDGRID_BASE_URL", s.SendGridBaseURL},
		{"KAPFLOW_ELIGIBILITY_URL", s.EligibilityURL},
	} {
		if parsed, err := url.Parse(a.text); err == nil && parsed.Scheme == "http" && !s.PrivateHosts.Holds(parsed.Hostname()) {
			faults = append(faults, Fault{a.variable, "must begin with https://, because private things are sent there; " + orPrivate})
		}
	}
	if s.DatabaseURL.Set() {
		faults = append(faults, s.checkPostgres()...)
	}
	faults = append(faults, s.checkTemporal(given)...)
	if public, err := url.Parse(s.PublicURL); err == nil && public.Hostname() != "" && !s.PrivateHosts.Holds(public.Hostname()) && s.AddressHeader == "" {
		faults = append(faults, Fault{"KAPFLOW_ADDRESS_HEADER", "is missing, while KAPFLOW_PUBLIC_URL is a public address; without it every browser looks like the proxy, and one can use up the limits of all. Set it to the header that your proxy writes, such as X-Real-IP"})
	}
	return append(faults, s.checkListeners()...)
}

// checkPostgres holds every host of the connection against the rule, those that are tried after a failure too. It never quotes
// the connection string.
func (s Settings) checkPostgres() []Fault {
	if postgresURL(s.DatabaseURL.Reveal()) != nil {
		return nil // said elsewhere
	}
	c, err := pgconn.ParseConfig(s.DatabaseURL.Reveal())
	if err != nil {
		return []Fault{{"DATABASE_URL", "cannot be used: an option, or a certificate's file that it names, is wrong"}}
	}
	hosts := append([]*pgconn.FallbackConfig{{Host: c.Host, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	for _, h := range hosts {
		if verified := h.TLSConfig != nil && !h.TLSConfig.InsecureSkipVerify; !verified && !s.PrivateHosts.Holds(h.Host) {
			return []Fault{{"DATABASE_URL", "would connect without a verified certificate; add sslmode=verify-full, with sslrootcert if the server has its own authority, " + orPrivate}}
		}
	}
	return nil
}

// checkTemporal reads the connection as Temporal's own library does, with its configuration file.
func (s Settings) checkTemporal(given map[string]string) []Fault {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: environment(given)})
	if err != nil {
		return []Fault{{"TEMPORAL_ADDRESS", fmt.Sprintf("and the other TEMPORAL_ variables cannot be read: %v", err)}}
	}
	address := options.HostPort
	if address == "" {
		address = client.DefaultHostPort
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return []Fault{{"TEMPORAL_ADDRESS", "is not an address; use host:port, such as localhost:7233"}}
	}
	if tls := options.ConnectionOptions.TLS; (tls == nil || tls.InsecureSkipVerify) && !s.PrivateHosts.Holds(host) {
		return []Fault{{"TEMPORAL_ADDRESS", "would be used without a verified certificate; set TEMPORAL_TLS=true and do not switch off its check of the host, " + orPrivate}}
	}
	return nil
}

// environment lets Temporal's library read the variables that were given.
type environment map[string]string

// LookupEnv gives one variable.
func (e environment) LookupEnv(name string) (string, bool) {
	value, found := e[name]
	return value, found
}

// Environ gives all as NAME=value.
func (e environment) Environ() (list []string) {
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	return list
}

// checkListeners refuses a private listener that other machines reach without a sign-in, and decoding that nobody can sign in to.
func (s Settings) checkListeners() (faults []Fault) {
	for _, l := range []struct{ variable, text, such string }{{"KAPFLOW_LISTEN", s.Listen, ":8233"}, {"KAPFLOW_PRIVATE_LISTEN", s.PrivateListen, "127.0.0.1:8235"}} {
		if _, _, err := net.SplitHostPort(l.text); err != nil {
			faults = append(faults, Fault{l.variable, fmt.Sprintf("is %q, which is not an address; use host:port or :port, such as %s", l.text, l.such)})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	if s.Listen == s.PrivateListen && !strings.HasSuffix(s.Listen, ":0") {
		faults = append(faults, Fault{"KAPFLOW_PRIVATE_LISTEN", "is the same as KAPFLOW_LISTEN; give it a port of its own, which the proxy does not forward"})
	}
	if host, _, _ := net.SplitHostPort(s.PrivateListen); !s.PrivateHosts.Holds(host) && !s.DecodeToken.Set() {
		faults = append(faults, Fault{"KAPFLOW_PRIVATE_LISTEN", "is reached by other machines while KAPFLOW_DECODE_TOKEN is missing; set the token, or listen on 127.0.0.1"})
	}
	if s.UIOrigin != "" && !s.DecodeToken.Set() && s.ConsoleListen == "" {
		faults = append(faults, Fault{"KAPFLOW_DECODE_TOKEN", "is missing, while KAPFLOW_UI_ORIGIN lets a browser decode and there is no staff console to sign in to; make one with `openssl rand -hex 32`, or set KAPFLOW_CONSOLE_LISTEN"})
	}
	return faults
}
