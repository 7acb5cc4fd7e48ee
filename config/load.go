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
	unreadable, err := byVariable(env.ParseWithOptions(&settings, env.Options{Environment: given}))
	if err != nil {
		return Settings{}, warnings, err
	}
	faults = append(faults, unreadable...)
	broken := func(name string) bool {
		return slices.ContainsFunc(faults, func(f Fault) bool { return f.Variable == name })
	}
	for _, variable := range Variables() {
		if complete && variable.Required && given[variable.Name] == "" && !broken(variable.Name) {
			faults = append(faults, Fault{variable.Name, fmt.Sprintf("is missing. Set it, or set %s to the path of its file. Its purpose: %s", variable.Name+fileSuffix, variable.About)})
		}
	}
	if settings.BuildID == "" {
		settings.BuildID = Version
	}
	for _, fault := range settings.check(given) {
		if !broken(fault.Variable) {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		return Settings{}, warnings, joined(faults)
	}
	return settings, warnings, nil
}

// Fault is one variable that cannot be used. What says what is wrong and what to do, and follows the variable's name.
type Fault struct{ Variable, What string }

// Error gives one sentence.
func (f Fault) Error() string { return f.Variable + " " + f.What }

func joined(faults []Fault) error {
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// readSecretFiles sets each NAME to the content of the file in NAME_FILE.
func readSecretFiles(given map[string]string) (warnings []Warning, faults []Fault) {
	for _, variable := range Variables() {
		path := given[variable.Name+fileSuffix]
		if !variable.Secret || path == "" {
			continue
		}
		if given[variable.Name] != "" {
			faults = append(faults, Fault{variable.Name, fmt.Sprintf("and %s are both set; keep one of them", variable.Name+fileSuffix)})
			continue
		}
		if !variable.Required && strings.HasPrefix(path, mountedSecrets) && isEmpty(path) {
			continue
		}
		text, warning, err := readSecret(path)
		if err != nil {
			faults = append(faults, Fault{variable.Name, fmt.Sprintf("cannot be read from its file: %v", err)})
			continue
		}
		if warning != "" {
			warnings = append(warnings, Warning(variable.Name+fileSuffix+": "+warning))
		}
		given[variable.Name] = text
	}
	return warnings, faults
}

// isEmpty says whether a file is there and holds nothing: compose mounts a file for every secret, also for those that a practice
// does not use.
func isEmpty(path string) bool {
	content, err := os.ReadFile(path)
	return err == nil && strings.TrimSpace(string(content)) == ""
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

// byVariable turns the parser's errors, which name struct fields, into faults of variables. err is an error that does not
// come from what was given: a mistake in Settings itself.
func byVariable(parsed error) (faults []Fault, err error) {
	if parsed == nil {
		return nil, nil
	}
	aggregate := env.AggregateError{}
	if !errors.As(parsed, &aggregate) {
		return nil, parsed
	}
	for _, each := range aggregate.Errors {
		parse := env.ParseError{}
		if !errors.As(each, &parse) {
			return nil, parsed
		}
		field, _ := reflect.TypeFor[Settings]().FieldByName(parse.Name)
		for _, fault := range split(parse.Err) {
			faults = append(faults, Fault{field.Tag.Get("env"), explain(field, fault)})
		}
	}
	return faults, nil
}

// split returns the errors that were joined to one.
func split(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		return list.Unwrap()
	}
	return []error{err}
}

// explain adds what to do to an error of a type from another package.
func explain(field reflect.StructField, err error) string {
	if field.Name == "LogLevel" {
		return "is not a log level; use debug, info, warn or error"
	}
	return err.Error()
}
