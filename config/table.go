package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Variable describes one environment variable.
type Variable struct {
	Name, Default, About string
	Secret, Required     bool
}

// Variables are all variables that Kapflow itself reads, in the order of Settings.
func Variables() []Variable {
	settings := reflect.TypeFor[Settings]()
	variables := make([]Variable, 0, settings.NumField())
	for i := range settings.NumField() {
		tag := settings.Field(i).Tag
		variables = append(variables, Variable{
			Name: tag.Get("env"), Default: tag.Get("envDefault"), About: tag.Get("about"),
			Secret: tag.Get("secret") == "true", Required: tag.Get("required") == "true",
		})
	}
	return variables
}

// TemporalVariables are the usual variables of Temporal's own library. Its documentation has the others.
func TemporalVariables() []Variable {
	return []Variable{
		{Name: "TEMPORAL_ADDRESS", Default: "localhost:7233", About: "Address of Temporal: one machine, a cluster or Temporal Cloud, as host:port"},
		{Name: "TEMPORAL_NAMESPACE", Default: "default", About: "Temporal namespace of the practice's workflows"},
		{Name: "TEMPORAL_API_KEY", About: "API key, for Temporal Cloud; it switches TLS on", Secret: true},
		{Name: "TEMPORAL_TLS", About: "true or false: whether to use TLS. Empty: only with an API key or a certificate"},
		{Name: "TEMPORAL_TLS_CLIENT_CERT_PATH", About: "Path of this client's certificate, for mutual TLS"},
		{Name: "TEMPORAL_TLS_CLIENT_KEY_PATH", About: "Path of the key of that certificate"},
		{Name: "TEMPORAL_TLS_SERVER_CA_CERT_PATH", About: "Path of the certificate authority to trust, if the server has its own"},
		{Name: "TEMPORAL_TLS_SERVER_NAME", About: "Name to expect in the server's certificate, if it differs from the address"},
	}
}

const exampleHead = `# Every variable that Kapflow reads, with its default. Generated from the settings in config/. After a change there, run
#   go run ./config/example > .env.example
#
# A secret of Kapflow's own can also be given by file: NAME_FILE holds the path. Never both. docker-compose.yml gives all
# of them by file, from ./secrets, which ` + "`sh deploy/secrets`" + ` fills; set only the others here.
`

// Example is the content of .env.example.
func Example() string {
	var out strings.Builder
	out.WriteString(exampleHead)
	section := func(title string, variables []Variable) {
		fmt.Fprintf(&out, "\n# ---- %s\n", title)
		for _, variable := range variables {
			fmt.Fprintf(&out, "\n# %s.\n# %s\n#%s=%s\n", strings.TrimSuffix(variable.About, "."), variable.traits(), variable.Name, variable.Default)
		}
	}
	section("Kapflow", Variables())
	section("Temporal, read by its own library (envconfig)", TemporalVariables())
	section("docker-compose.yml", composeVariables())
	return out.String()
}

// composeVariables are read only by docker-compose.yml.
func composeVariables() []Variable {
	return append([]Variable{
		{Name: "KAPFLOW_VERSION", Default: "dev", About: "Tag of the Kapflow image that compose builds and runs, and the version compiled into it. Change it with every release"},
		{Name: "KAPFLOW_CONSOLE_PORT", Default: "8233", About: "Port of the public web server on this machine, 127.0.0.1 only; the proxy forwards to it"},
		{Name: "KAPFLOW_PRIVATE_PORT", Default: "8235", About: "Port of the private web server on this machine, 127.0.0.1 only; nothing forwards to it"},
		{Name: "KAPFLOW_STAFF_PORT", Default: "8234", About: "Port of the staff console on this machine, 127.0.0.1 only, if KAPFLOW_CONSOLE_URL is set"},
		{Name: "KAPFLOW_TEMPORAL_UI_PORT", Default: "8080", About: "Port of the Temporal UI on this machine, 127.0.0.1 only"},
	}, imageVariables()...)
}

// imageVariables name the images of others that docker-compose.yml runs, by version and digest. No other image can
// be pulled under a digest.
func imageVariables() []Variable {
	const pinned = ", as version@sha256:digest. `sh deploy/digests` takes what the version names today"
	return []Variable{
		{Name: "KAPFLOW_POSTGRES_IMAGE", Default: "postgres:17.6-alpine@sha256:ef257d85f76e48da1c64832459b59fcaba1a4dac97bf5d7450c77753542eee94", About: "Image of PostgreSQL" + pinned},
		{Name: "KAPFLOW_TEMPORAL_IMAGE", Default: "temporalio/server:1.32.0@sha256:c3e752127759616bb1615e0f9ba0e21635aeb5fdeb922de4f371c350955f46ae", About: "Image of the Temporal server" + pinned},
		{Name: "KAPFLOW_TEMPORAL_TOOLS_IMAGE", Default: "temporalio/admin-tools:1.32.0@sha256:a9f84fb9a374b2374fe2e67c8efc0468ff3f1c66c8a0b14597ec86e349e62bca", About: "Image of Temporal's own tools, which make its tables" + pinned},
		{Name: "KAPFLOW_TEMPORAL_UI_IMAGE", Default: "temporalio/ui:2.54.1@sha256:ff0943fe532b8e33c46cd28b29e81e0ce0b6f55b9ee50a38ef1b437cc4de3fa5", About: "Image of the Temporal UI" + pinned},
	}
}

func (v Variable) traits() string {
	traits := []string{"not secret", "optional"}
	if v.Secret {
		traits[0] = "SECRET"
	}
	if v.Required {
		traits[1] = "REQUIRED"
	}
	if v.Default != "" {
		traits = append(traits, "default "+v.Default)
	}
	return strings.Join(traits, "; ")
}
