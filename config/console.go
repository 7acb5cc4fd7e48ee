package config

import (
	"net"
	"net/url"
	"strings"
	"time"
)

// The limits of the times of a session. A screen at the front desk must not stay open, and nobody works while signing in all day.
const (
	leastIdle    = time.Minute
	mostIdle     = time.Hour
	mostSession  = 24 * time.Hour
	mostFreshFor = 15 * time.Minute
	leastDraft   = time.Hour
	mostDraft    = 30 * 24 * time.Hour
)

// checkConsole finds what is wrong with the settings of the staff console.
func (s Settings) checkConsole() (faults []Fault) {
	fault := func(variable, what string) { faults = append(faults, Fault{variable, what}) }
	if s.SessionIdle < leastIdle || s.SessionIdle > mostIdle {
		fault("KAPFLOW_SESSION_IDLE", "must be 1m to 1h; leave it out for 15m")
	}
	if s.SessionLongest < s.SessionIdle || s.SessionLongest > mostSession {
		fault("KAPFLOW_SESSION_LONGEST", "must be at least KAPFLOW_SESSION_IDLE and at most 24h; leave it out for 12h")
	}
	if s.SessionFresh < leastIdle || s.SessionFresh > mostFreshFor {
		fault("KAPFLOW_SESSION_FRESH", "must be 1m to 15m; leave it out for 5m")
	}
	if s.DraftsKept < leastDraft || s.DraftsKept > mostDraft {
		fault("KAPFLOW_DRAFTS_KEPT", "must be 1h to 720h; leave it out for 168h, which is a week")
	}
	switch {
	case s.ConsoleListen == "" && s.ConsoleURL == "":
		if s.OIDCIssuer != "" {
			fault("KAPFLOW_OIDC_ISSUER", "is set, but there is no staff console; set KAPFLOW_CONSOLE_LISTEN and KAPFLOW_CONSOLE_URL too")
		}
		return faults
	case s.ConsoleListen == "":
		fault("KAPFLOW_CONSOLE_LISTEN", "is missing, while KAPFLOW_CONSOLE_URL is set; set it to host:port, such as 127.0.0.1:8234")
		return faults
	case s.ConsoleURL == "":
		fault("KAPFLOW_CONSOLE_URL", "is missing, while KAPFLOW_CONSOLE_LISTEN is set; set it to the address that staff open, such as https://desk.kapflow.example")
		return faults
	}
	host, _, err := net.SplitHostPort(s.ConsoleListen)
	if err != nil {
		fault("KAPFLOW_CONSOLE_LISTEN", "is not an address; use host:port or :port, such as 127.0.0.1:8234")
	} else if s.ConsoleListen == s.Listen || s.ConsoleListen == s.PrivateListen {
		fault("KAPFLOW_CONSOLE_LISTEN", "is the address of KAPFLOW_LISTEN or KAPFLOW_PRIVATE_LISTEN; the staff console needs one of its own")
	}
	switch {
	case !isOrigin(s.ConsoleURL):
		fault("KAPFLOW_CONSOLE_URL", "is not an origin; use only scheme, host and port, such as https://desk.kapflow.example")
	case s.ConsoleURL == strings.TrimSuffix(s.PublicURL, "/"):
		fault("KAPFLOW_CONSOLE_URL", "is the address of the clients' pages; the staff console needs one of its own")
	case strings.HasPrefix(s.ConsoleURL, "http://") && !(onlyHere(hostOf(s.ConsoleURL)) && onlyHere(host)):
		fault("KAPFLOW_CONSOLE_URL", "must begin with https://; only on this machine, with a listener such as 127.0.0.1:8234, may it be http://localhost")
	}
	return append(faults, s.checkOIDC()...)
}

func (s Settings) checkOIDC() (faults []Fault) {
	given := map[string]bool{"KAPFLOW_OIDC_ISSUER": s.OIDCIssuer != "", "KAPFLOW_OIDC_CLIENT_ID": s.OIDCClientID != "", "KAPFLOW_OIDC_CLIENT_SECRET": s.OIDCClientSecret.Set()}
	some := s.OIDCRedirect != ""
	for _, set := range given {
		some = some || set
	}
	for name, set := range given {
		if some && !set {
			faults = append(faults, Fault{name, "is missing, while other variables of OIDC are set; set it, or none of them to use passkeys only"})
		}
	}
	if s.OIDCIssuer != "" && !strings.HasPrefix(s.OIDCIssuer, "https://") && !onlyHere(hostOf(s.OIDCIssuer)) {
		faults = append(faults, Fault{"KAPFLOW_OIDC_ISSUER", "must begin with https://"})
	}
	if s.OIDCRedirect != "" && !strings.HasPrefix(s.OIDCRedirect, s.ConsoleURL+"/") {
		faults = append(faults, Fault{"KAPFLOW_OIDC_REDIRECT", "does not begin with KAPFLOW_CONSOLE_URL; leave it out"})
	}
	return faults
}

func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

// onlyHere says whether a host is this machine alone.
func onlyHere(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
