package config

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
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

func TestComposeSetsOnlyVariablesThatExist(t *testing.T) {
	t.Parallel()
	compose, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, variable := range slices.Concat(Variables(), composeVariables()) {
		known = append(known, variable.Name, variable.Name+fileSuffix)
	}
	set := regexp.MustCompile(`(?:KAPFLOW|DATABASE)_[A-Z_]+`).FindAllString(string(compose), -1)
	for _, name := range set {
		if !slices.Contains(known, name) {
			t.Errorf("docker-compose.yml names %s, which nothing reads", name)
		}
	}
	for _, variable := range Variables() {
		if variable.Required && !strings.Contains(string(compose), variable.Name+fileSuffix+": /run/secrets/") {
			t.Errorf("docker-compose.yml does not give %s by file", variable.Name)
		}
	}
}
