package config

import (
	"strings"
	"testing"
)

// TestTheStaffConsoleNeedsAnAddressOfItsOwn goes through its settings, whole and in parts.
func TestTheStaffConsoleNeedsAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	const listen, address = "KAPFLOW_CONSOLE_LISTEN=127.0.0.1:8234", "KAPFLOW_CONSOLE_URL=https://desk.kapflow.example"
	oidc := []string{"KAPFLOW_OIDC_ISSUER=https://accounts.example", "KAPFLOW_OIDC_CLIENT_ID=kapflow", "KAPFLOW_OIDC_CLIENT_SECRET=s3cret"}
	for name, x := range map[string]struct {
		given []string
		fault string // the variable that is at fault; empty: none
	}{
		"None":                 {nil, ""},
		"Both":                 {[]string{listen, address}, ""},
		"OnThisMachine":        {[]string{listen, "KAPFLOW_CONSOLE_URL=http://localhost:8234"}, ""},
		"WithoutAnAddress":     {[]string{listen}, "KAPFLOW_CONSOLE_URL"},
		"WithoutAListener":     {[]string{address}, "KAPFLOW_CONSOLE_LISTEN"},
		"PlainForAll":          {[]string{"KAPFLOW_CONSOLE_LISTEN=:8234", "KAPFLOW_CONSOLE_URL=http://localhost:8234"}, "KAPFLOW_CONSOLE_URL"},
		"PlainElsewhere":       {[]string{listen, "KAPFLOW_CONSOLE_URL=http://desk.kapflow.example"}, "KAPFLOW_CONSOLE_URL"},
		"WithAPath":            {[]string{listen, address + "/desk"}, "KAPFLOW_CONSOLE_URL"},
		"OfTheClients":         {[]string{listen, address, "KAPFLOW_PUBLIC_URL=https://desk.kapflow.example"}, "KAPFLOW_CONSOLE_URL"},
		"ListenerOfTheClients": {[]string{"KAPFLOW_CONSOLE_LISTEN=:8233", address}, "KAPFLOW_CONSOLE_LISTEN"},
		"NoListener":           {[]string{"KAPFLOW_CONSOLE_LISTEN=8234", address}, "KAPFLOW_CONSOLE_LISTEN"},
		"OIDC":                 {append([]string{listen, address}, oidc...), ""},
		"OIDCInParts":          {append([]string{listen, address}, oidc[:2]...), "KAPFLOW_OIDC_CLIENT_SECRET"},
		"OIDCOverPlainHTTP":    {append([]string{listen, address, "KAPFLOW_OIDC_ISSUER=http://accounts.example"}, oidc[1:]...), "KAPFLOW_OIDC_ISSUER"},
		"OIDCWithoutAConsole":  {oidc, "KAPFLOW_OIDC_ISSUER"},
		"RedirectElsewhere":    {append([]string{listen, address, "KAPFLOW_OIDC_REDIRECT=https://desk.kapflow.example.evil/x"}, oidc...), "KAPFLOW_OIDC_REDIRECT"},
		"RedirectHere":         {append([]string{listen, address, "KAPFLOW_OIDC_REDIRECT=https://desk.kapflow.example/sign-in/oidc/back"}, oidc...), ""},
		"IdleForADay":          {[]string{"KAPFLOW_SESSION_IDLE=24h"}, "KAPFLOW_SESSION_IDLE"},
		"NeverIdle":            {[]string{"KAPFLOW_SESSION_IDLE=0s"}, "KAPFLOW_SESSION_IDLE"},
		"AWeek":                {[]string{"KAPFLOW_SESSION_LONGEST=168h"}, "KAPFLOW_SESSION_LONGEST"},
		"ShorterThanIdle":      {[]string{"KAPFLOW_SESSION_LONGEST=10m"}, "KAPFLOW_SESSION_LONGEST"},
		"FreshForAnHour":       {[]string{"KAPFLOW_SESSION_FRESH=1h"}, "KAPFLOW_SESSION_FRESH"},
		"DraftsForAMinute":     {[]string{"KAPFLOW_DRAFTS_KEPT=1m"}, "KAPFLOW_DRAFTS_KEPT"},
		"DraftsForAYear":       {[]string{"KAPFLOW_DRAFTS_KEPT=8760h"}, "KAPFLOW_DRAFTS_KEPT"},
		"NoDuration":           {[]string{"KAPFLOW_SESSION_FRESH=soon"}, "KAPFLOW_SESSION_FRESH"},
	} {
		_, _, err := Peek(x.given)
		if x.fault == "" && err != nil || x.fault != "" && (err == nil || !strings.Contains(err.Error(), x.fault+" ")) {
			t.Errorf("%s: %v, want a fault of %q", name, err, x.fault)
		}
	}
}
