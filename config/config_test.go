package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const otherKey, thirdKey = "Zm9ydHktdHdvIGlzIG5vdCBhIHNlY3JldCBrZXkhISI=", "Zm9ydHktdHdvIGlzIG5vdCBhIHNlY3JldCBrZXkhIUE=" // 32 bytes each

const someKey = "Zm9ydHktdHdvIGlzIG5vdCBhIHNlY3JldCBrZXkhISE=" // 32 bytes

func complete() []string {
	return []string{
		"DATABASE_URL=postgres://kapflow:pa%24s@db:5432/kapflow", "KAPFLOW_PRIVATE_HOSTS=db", "KAPFLOW_PAYLOAD_KEYS=2026:" + someKey + ",2025:" + someKey,
		"KAPFLOW_FIELD_KEYS=f1:" + otherKey, "KAPFLOW_INDEX_KEY=" + thirdKey, "PATH=/bin",
	}
}

func TestLoadTakesWhatIsGivenAndDefaultsTheRest(t *testing.T) {
	t.Parallel()
	settings, warnings, err := Load(append(complete(), "KAPFLOW_LOG_LEVEL=warn", "KAPFLOW_BUILD_ID="))
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	if settings.TaskQueue != "kapflow" || settings.Listen != ":8233" || settings.LogLevel != slog.LevelWarn || settings.BuildID != "" {
		t.Errorf("%+v", settings)
	}
	if settings.PayloadKeys.Ring().Current() != "2026" || settings.PayloadKeys.Ring().Key("2025") == nil || len(settings.IndexKey.Bytes()) != 32 {
		t.Error("the keys came through otherwise")
	}
	if settings.DatabaseURL.Reveal() != "postgres://kapflow:pa%24s@db:5432/kapflow" || settings.DecodeToken.Set() {
		t.Error("the secrets came through otherwise")
	}
}

func TestLoadReportsEveryFaultAtOnceWithItsRemedy(t *testing.T) {
	t.Parallel()
	_, _, err := Load([]string{
		"DATABASE_URL=mysql://hunter2@db", "KAPFLOW_PAYLOAD_KEYS=" + someKey, "KAPFLOW_FIELD_KEYS=f1:c2hv,f2:" + someKey + ",f2:" + someKey, "KAPFLOW_LISTEN=8233",
		"KAPFLOW_UI_ORIGIN=http://127.0.0.1:8080/", "KAPFLOW_DECODE_TOKEN=hunter2", "KAPFLOW_PUBLIC_URL=kapflow.example", "KAPFLOW_LOG_LEVEL=loud",
	})
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		"DATABASE_URL does not begin with postgres://", "KAPFLOW_PAYLOAD_KEYS key 1 must be written as id:key", `KAPFLOW_FIELD_KEYS key "f1" is 3 bytes long`,
		`KAPFLOW_FIELD_KEYS two keys have the id "f2"`,
		"KAPFLOW_INDEX_KEY is missing. Set it, or set KAPFLOW_INDEX_KEY_FILE", `KAPFLOW_LISTEN is "8233"`, "KAPFLOW_UI_ORIGIN is", "KAPFLOW_DECODE_TOKEN has 7",
		"KAPFLOW_PUBLIC_URL is", "KAPFLOW_LOG_LEVEL is not a log level",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 10 {
		t.Errorf("%d faults, want 10, each once:\n%v", len(lines), err)
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), someKey) {
		t.Errorf("a fault quotes a secret: %v", err)
	}
	if _, _, err := Peek([]string{"KAPFLOW_LISTEN=:1"}); err != nil {
		t.Errorf("peeking needs nothing: %v", err)
	}
	if _, _, err := Peek([]string{"KAPFLOW_LISTEN=1"}); err == nil {
		t.Error("peeking took a broken value")
	}
}

func TestClearingHouseIsSetWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	const url, key = "KAPFLOW_ELIGIBILITY_URL=https://insurers.example", "KAPFLOW_ELIGIBILITY_KEY=hunter2"
	for name, x := range map[string]struct {
		set  []string
		says string
	}{
		"Neither":       {nil, ""},
		"Both":          {[]string{url, key}, ""},
		"NoKey":         {[]string{url}, "KAPFLOW_ELIGIBILITY_KEY is missing"},
		"NoURL":         {[]string{key}, "KAPFLOW_ELIGIBILITY_URL is missing"},
		"NoAddress":     {[]string{"KAPFLOW_ELIGIBILITY_URL=insurers", key}, "KAPFLOW_ELIGIBILITY_URL is \"insurers\", which is not a web address"},
		"InTheClear":    {[]string{"KAPFLOW_ELIGIBILITY_URL=http://insurers.example", key}, "KAPFLOW_ELIGIBILITY_URL must begin with https://"},
		"OnThisMachine": {[]string{"KAPFLOW_ELIGIBILITY_URL=http://127.0.0.1:8080", key}, ""},
	} {
		_, _, err := Load(append(complete(), x.set...))
		if (err == nil) != (x.says == "") || err != nil && (!strings.Contains(err.Error(), x.says) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func write(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecretsByFile(t *testing.T) {
	t.Parallel()
	environ := append(complete(), "KAPFLOW_INDEX_KEY=", "KAPFLOW_INDEX_KEY_FILE="+write(t, thirdKey+"\n", 0o600))
	settings, warnings, err := Load(environ)
	if err != nil || len(warnings) != 0 || settings.IndexKey.Reveal() != thirdKey {
		t.Errorf("%v %v", err, warnings)
	}
	_, warnings, err = Load(append(environ, "KAPFLOW_DECODE_TOKEN_FILE="+write(t, strings.Repeat("x", 40)+"\r\n", 0o644)))
	if err != nil || len(warnings) != 1 || !strings.Contains(string(warnings[0]), "KAPFLOW_DECODE_TOKEN_FILE: every user of this machine can read") {
		t.Errorf("%v %v", err, warnings)
	}
	for want, bad := range map[string]string{
		"both set":       "DATABASE_URL_FILE=" + write(t, "postgres://", 0o600),
		"does not exist": "KAPFLOW_DECODE_TOKEN_FILE=/nowhere/token",
		"is empty":       "KAPFLOW_DECODE_TOKEN_FILE=" + write(t, "\n", 0o600),
	} {
		if _, _, err := Load(append(complete(), bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, _, err := Load(append(complete(), "KAPFLOW_LISTEN_FILE=/nowhere")); err != nil {
		t.Errorf("only secrets come by file: %v", err)
	}
}

func TestSecretsPrintNothing(t *testing.T) {
	t.Parallel()
	settings, _, err := Load(append(complete(), "KAPFLOW_DECODE_TOKEN="+strings.Repeat("hunter2", 5)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		fmt.Fprintf(&out, verb+"\n", settings)
		fmt.Fprintf(&out, verb+"\n", &settings)
		fmt.Fprintf(&out, verb+"\n", settings.PayloadKeys)
	}
	encoded, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("x", "settings", settings, "token", settings.DecodeToken, "keys", settings.PayloadKeys, "key", settings.IndexKey)
	}
	for _, secret := range []string{"hunter2", someKey, "pa%24s", "68756e74657232", fmt.Sprintf("%x", someKey), "[102 111 114"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is printed:\n%s", secret, out.String())
		}
	}
}

func TestExampleDoesNotDrift(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	if string(file) != Example() {
		t.Error(".env.example differs from the settings: run `go run ./config/example > .env.example`")
	}
	for _, variable := range Variables() {
		field := reflect.TypeFor[Settings]()
		if variable.Name == "" || variable.About == "" {
			t.Errorf("a field of %s lacks its name or what it is for: %+v", field, variable)
		}
		if !strings.Contains(string(file), "\n#"+variable.Name+"="+variable.Default+"\n") {
			t.Errorf("%s is missing in .env.example", variable.Name)
		}
	}
}
