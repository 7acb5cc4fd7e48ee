package config

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed compose.tmpl
var composeText string

var composeTemplate = template.Must(template.New("compose.tmpl").Parse(composeText))

// composeFixed are the values that docker-compose.yml itself decides.
var composeFixed = map[string]string{
	"KAPFLOW_LISTEN":         ":8233",
	"KAPFLOW_PRIVATE_LISTEN": ":8234", // published on 127.0.0.1 only; the token is required besides
	"KAPFLOW_UI_ORIGIN":      "http://127.0.0.1:${KAPFLOW_TEMPORAL_UI_PORT:-8080}",
	"KAPFLOW_PRIVATE_HOSTS":  "${KAPFLOW_PRIVATE_HOSTS:-postgres,temporal}", // compose's network inside
	"TEMPORAL_ADDRESS":       "${TEMPORAL_ADDRESS:-temporal:7233}",
}

// Compose is the content of docker-compose.yml: every setting can be passed, secrets as files.
func Compose() string {
	var secrets []string
	var environment, files strings.Builder
	for _, v := range Variables() {
		switch {
		case v.Secret:
			secrets = append(secrets, v.secretFile())
			fmt.Fprintf(&environment, "    %s%s: %s%s\n", v.Name, fileSuffix, mountedSecrets, v.secretFile())
			fmt.Fprintf(&files, "  %s: { file: ./secrets/%s }\n", v.secretFile(), v.secretFile())
		case composeFixed[v.Name] != "":
			fmt.Fprintf(&environment, "    %s: %q\n", v.Name, composeFixed[v.Name])
		default:
			fmt.Fprintf(&environment, "    %s: %q\n", v.Name, "${"+v.Name+":-"+v.Default+"}")
		}
	}
	for _, v := range TemporalVariables() {
		switch {
		case composeFixed[v.Name] != "":
			fmt.Fprintf(&environment, "    %s: %q\n", v.Name, composeFixed[v.Name])
		case v.Default != "":
			fmt.Fprintf(&environment, "    %s: %q\n", v.Name, "${"+v.Name+":-"+v.Default+"}")
		default:
			fmt.Fprintf(&environment, "    %s:\n", v.Name) // passed only if .env has it: an empty one would switch TLS on
		}
	}
	images := map[string]string{}
	for _, v := range imageVariables() {
		images[v.Name] = "${" + v.Name + ":-" + v.Default + "}"
	}
	var out strings.Builder
	if err := composeTemplate.Execute(&out, map[string]any{
		"Images":  images,
		"Secrets": strings.Join(secrets, ", "), "OtherSecrets": strings.Join(secrets[1:], ", "), "Environment": environment.String(), "SecretFiles": files.String(),
	}); err != nil {
		panic("config: compose.tmpl has only these names: " + err.Error())
	}
	return out.String()
}

// secretFile is the name of a secret's file in ./secrets, such as index_key.
func (v Variable) secretFile() string { return strings.ToLower(strings.TrimPrefix(v.Name, "KAPFLOW_")) }
