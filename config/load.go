package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// fileSuffix ends the name of the variable with the path of a secret's file.
const fileSuffix = "_FILE"

// mountedSecrets is the directory with a container's secrets, one file each. Their modes come from the host and are not
// checked, since a container has no other users.
const mountedSecrets = "/run/secrets/"

// Warning is something that works but should be changed. It names the variable and what to do.
type Warning string

// Load reads the settings for production: all required variables must be set. Environ is a list of NAME=value, as from
// os.Environ.
func Load(environ []string) (Settings, []Warning, error) { return load(environ, true) }

// Peek reads the same settings but allows required ones to be missing. It is for commands that need only some of them,
// such as a health check. Variables that are set must still be valid.
func Peek(environ []string) (Settings, []Warning, error) { return load(environ, false) }

func load(environ []string, complete bool) (Settings, []Warning, error) {
	given := env.ToMap(environ)
	warnings, faults := readSecretFiles(given)
	// Compose files and shells pass NAME= for what is left out, so an empty variable counts as not set.
	for name, value := range given {
		if value == "" {
			delete(given, name)
		}
	}
	var settings Settings
	if err := env.ParseWithOptions(&settings, env.Options{Environment: given}); err != nil {
		faults = append(faults, byVariable(err)...)
	}
	broken := func(name string) bool {
		return slices.ContainsFunc(faults, func(err error) bool { return strings.HasPrefix(err.Error(), name+" ") })
	}
	for _, variable := range Variables() {
		if complete && variable.Required && given[variable.Name] == "" && !broken(variable.Name) {
			faults = append(faults, fmt.Errorf("%s is missing. Set it, or set %s to the path of its file. Its purpose: %s", variable.Name, variable.Name+fileSuffix, variable.About))
		}
	}
	for _, fault := range settings.check() {
		name, _, _ := strings.Cut(fault.Error(), " ")
		if !broken(name) {
			faults = append(faults, fault)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Settings{}, warnings, err
	}
	return settings, warnings, nil
}

// readSecretFiles sets each NAME to the content of the file in NAME_FILE.
func readSecretFiles(given map[string]string) (warnings []Warning, faults []error) {
	for _, variable := range Variables() {
		path := given[variable.Name+fileSuffix]
		if !variable.Secret || path == "" {
			continue
		}
		if given[variable.Name] != "" {
			faults = append(faults, fmt.Errorf("%s and %s are both set; keep one of them", variable.Name, variable.Name+fileSuffix))
			continue
		}
		text, warning, err := readSecret(path)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s cannot be read from its file: %w", variable.Name, err))
			continue
		}
		if warning != "" {
			warnings = append(warnings, Warning(variable.Name+fileSuffix+": "+warning))
		}
		given[variable.Name] = text
	}
	return warnings, faults
}

// readSecret reads a file without the newline at its end.
func readSecret(path string) (text, warning string, err error) {
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", "", fmt.Errorf("%s does not exist; `sh deploy/secrets` makes the files that are missing", path)
	case errors.Is(err, os.ErrPermission):
		return "", "", fmt.Errorf("this user cannot read %s; change its owner", path)
	case err != nil:
		return "", "", err
	}
	text = strings.TrimRight(string(content), "\r\n")
	if text == "" {
		return "", "", fmt.Errorf("%s is empty; delete it and run `sh deploy/secrets`", path)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 && !strings.HasPrefix(path, mountedSecrets) {
		warning = fmt.Sprintf("every user of this machine can read %s; run `chmod 600 %s`", path, path)
	}
	return text, warning, nil
}

// byVariable turns the parser's errors, which name struct fields, into errors that name variables.
func byVariable(err error) []error {
	aggregate := env.AggregateError{}
	if !errors.As(err, &aggregate) {
		return []error{err}
	}
	var faults []error
	for _, each := range aggregate.Errors {
		parse := env.ParseError{}
		if !errors.As(each, &parse) {
			faults = append(faults, each)
			continue
		}
		field, _ := reflect.TypeFor[Settings]().FieldByName(parse.Name)
		faults = append(faults, fmt.Errorf("%s %s", field.Tag.Get("env"), explain(field, parse.Err)))
	}
	return faults
}

// explain adds what to do to an error of a type from another package.
func explain(field reflect.StructField, err error) string {
	if field.Name == "LogLevel" {
		return "is not a log level; use debug, info, warn or error"
	}
	return err.Error()
}
