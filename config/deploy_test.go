package config

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
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

// TestEveryImageOfOthersIsPinnedByItsDigest: those of the compose file and those that our own is built from.
func TestEveryImageOfOthersIsPinnedByItsDigest(t *testing.T) {
	t.Parallel()
	build, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	images := regexp.MustCompile(`(?m)^ *image: "?(?:\$\{\w+:-)?([^"}\n]+)`).FindAllStringSubmatch(Compose(), -1)
	images = append(images, regexp.MustCompile(`(?m)^FROM (?:--\S+ )*(\S+)`).FindAllStringSubmatch(string(build), -1)...)
	seen := map[string]bool{}
	for _, m := range images {
		seen[m[1]] = true
		if m[1] != "scratch" && !strings.HasPrefix(m[1], "kapflow:") && !regexp.MustCompile(`^[a-z/-]+:[0-9][\w.-]*@sha256:[0-9a-f]{64}$`).MatchString(m[1]) {
			t.Errorf("%s has no version and digest", m[1])
		}
	}
	if len(seen) != len(imageVariables())+len([]string{"golang", "scratch", "kapflow"}) {
		t.Errorf("the images are %v", slices.Sorted(maps.Keys(seen)))
	}
}

// TestTheDigestsScriptPinsWhatWasPulled: every image of others is pinned in .env, once, and the rest of .env stays. An image without a
// digest changes nothing.
func TestTheDigestsScriptPinsWhatWasPulled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	script, err := os.ReadFile("../deploy/digests")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(at(name)), 0o755), os.WriteFile(at(name), []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	write("deploy/digests", string(script))
	write("docker-compose.yml", Compose())
	write(".env", "KAPFLOW_VERSION=1.2.0\nKAPFLOW_POSTGRES_IMAGE=postgres:16@sha256:old\n")
	// It answers as Docker does, with another name of the image first.
	write("bin/docker", `#!/bin/sh
[ "$1" = pull ] && exit
for image; do :; done
echo "mirror.example/other@sha256:$(printf 0%.0s $(seq 64))"
[ -n "${UNKNOWN:-}" ] || echo "${image%:*}@sha256:$(printf %s "$image" | sha256sum | cut -d' ' -f1)"
`)
	run := func(environment ...string) error {
		cmd := exec.Command("sh", at("deploy/digests"))
		cmd.Env = append(append(os.Environ(), "PATH="+at("bin")+":"+os.Getenv("PATH")), environment...)
		return cmd.Run()
	}
	for range 2 { // pinning again changes nothing
		if run() != nil {
			t.Fatal("the script failed")
		}
	}
	text, err := os.ReadFile(at(".env"))
	if err != nil {
		t.Fatal(err)
	}
	want := "KAPFLOW_VERSION=1.2.0\n"
	images := imageVariables()
	slices.SortFunc(images, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	for _, v := range images {
		version, _, _ := strings.Cut(v.Default, "@")
		want += fmt.Sprintf("%s=%s@sha256:%x\n", v.Name, version, sha256.Sum256([]byte(version)))
	}
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if err := run("UNKNOWN=1"); err == nil {
		t.Error("an image without a digest is taken")
	}
	if after, err := os.ReadFile(at(".env")); err != nil || !bytes.Equal(after, text) {
		t.Errorf("then .env is %s, %v", after, err)
	}
}
