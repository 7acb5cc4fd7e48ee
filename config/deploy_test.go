package config

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestTheSecretsScriptMakesWhatLoadTakes(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../deploy/secrets")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "deploy"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "deploy", "secrets")
	if err := os.WriteFile(path, script, 0o755); err != nil {
		t.Fatal(err)
	}
	file := func(name string) string { return filepath.Join(dir, "secrets", name) }
	var before []byte
	for range 2 { // the second run keeps what the first made
		if out, err := exec.Command("sh", path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		keys, err := os.ReadFile(file("payload_keys"))
		if err != nil || before != nil && string(keys) != string(before) {
			t.Fatalf("the keys changed, or %v", err)
		}
		before = keys
	}
	settings, _, err := Load([]string{
		"DATABASE_URL_FILE=" + file("database_url"), "KAPFLOW_PAYLOAD_KEYS_FILE=" + file("payload_keys"),
		"KAPFLOW_FIELD_KEYS_FILE=" + file("field_keys"), "KAPFLOW_PRIVATE_HOSTS=postgres", "KAPFLOW_INDEX_KEY_FILE=" + file("index_key"),
	})
	if err != nil || settings.PayloadKeys.Reveal() == settings.FieldKeys.Reveal() {
		t.Errorf("one key for two uses, or %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory is %v, %v", info.Mode(), err)
	}
}

func TestComposeDoesNotDrift(t *testing.T) {
	t.Parallel()
	compose, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if string(compose) != Compose() {
		t.Error("docker-compose.yml differs from the settings: run `make generate`")
	}
	var known []string
	for _, variable := range slices.Concat(Variables(), composeVariables()) {
		known = append(known, variable.Name, variable.Name+fileSuffix)
	}
	for _, name := range regexp.MustCompile(`(?:KAPFLOW|DATABASE)_[A-Z_]+`).FindAllString(string(compose), -1) {
		if !slices.Contains(known, name) {
			t.Errorf("docker-compose.yml names %s, which nothing reads", name)
		}
	}
}

// TestEverySettingCanBePassed reads docker-compose.yml as compose does: a variable in .env arrives, and so does each secret's file,
// which the script for secrets makes.
func TestEverySettingCanBePassed(t *testing.T) {
	t.Parallel()
	var file struct {
		Kapflow struct {
			Environment map[string]*string
			Secrets     []string
		} `yaml:"x-kapflow"`
		Services map[string]struct {
			Environment map[string]*string
		}
		Secrets map[string]struct{ File string }
	}
	if err := yaml.Unmarshal([]byte(Compose()), &file); err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../deploy/secrets")
	if err != nil {
		t.Fatal(err)
	}
	passed := file.Kapflow.Environment
	for _, v := range slices.Concat(Variables(), TemporalVariables()) {
		if v.Secret && !strings.HasPrefix(v.Name, "TEMPORAL_") {
			path := passed[v.Name+fileSuffix]
			if path == nil || *path != mountedSecrets+v.secretFile() || !slices.Contains(file.Kapflow.Secrets, v.secretFile()) || file.Secrets[v.secretFile()].File != "./secrets/"+v.secretFile() {
				t.Errorf("%s does not arrive as a file", v.Name)
			}
			if !regexp.MustCompile(`(?m)^(keep|empty) (.* )?` + v.secretFile() + `( |$)`).Match(script) {
				t.Errorf("deploy/secrets does not make %s", v.secretFile())
			}
			continue
		}
		value, given := passed[v.Name]
		if !given || value != nil && composeFixed[v.Name] == "" && *value != "${"+v.Name+":-"+v.Default+"}" {
			t.Errorf("%s cannot be passed", v.Name)
		}
	}
	if owner := file.Services["migrate"].Environment["DATABASE_URL_FILE"]; owner == nil || *owner != "/run/secrets/database_owner_url" {
		t.Error("migrate does not sign in as the tables' owner")
	}
}
