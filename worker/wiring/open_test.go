package wiring

import (
	"errors"
	"testing"
	"time"

	"kapflow/config"
	"kapflow/e2e/database"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

func TestOpenTellsASettingFromAServerThatIsAway(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	const nobody = "127.0.0.1:1"
	good := Options{Practice: prac, TaskQueue: "open",
		Store:    store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: keyring.NewKey()},
		Temporal: engine.Options{Address: nobody, Codec: engine.NewCodec(keyring.New()), Patience: time.Millisecond}}
	noPostgres, telling := good, good
	noPostgres.Store.URL = "postgres://" + nobody + "/x?connect_timeout=1"
	otherKeys := good
	if records, err := store.Open(t.Context(), good.Store); err != nil {
		t.Fatal(err)
	} else {
		records.Close()
	}
	otherKeys.Store.Keys = keyring.New()
	telling.Settings = config.Settings{SendGridKey: config.NewSecret("key"), SendGridFrom: "office@ketamine.example"}
	for name, c := range map[string]struct {
		options Options
		setting bool // the error is a *SettingsError, else an *AwayError
	}{
		"SenderThatGivesTheTreatmentAway": {telling, true},
		"KeysOfAnotherDatabase":           {otherKeys, true},
		"NoPostgres":                      {noPostgres, false},
		"NoTemporal":                      {good, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app, _, err := Open(t.Context(), c.options)
			var setting *SettingsError
			var away *AwayError
			if app != nil || errors.As(err, &setting) != c.setting || errors.As(err, &away) == c.setting {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

// TestOpenTakesWhatTheEnvironmentNames: every setting that a process is opened with arrives where it is used.
func TestOpenTakesWhatTheEnvironmentNames(t *testing.T) {
	t.Parallel()
	const key = "Zm9ydHktdHdvIGlzIG5vdCBhIHNlY3JldCBrZXkhISE="
	settings, _, err := config.Load([]string{"DATABASE_URL=postgres://u:p@127.0.0.1/kapflow", "KAPFLOW_PAYLOAD_KEYS=p1:" + key, "KAPFLOW_FIELD_KEYS=f1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"KAPFLOW_INDEX_KEY=AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "KAPFLOW_TASK_QUEUE=clinic", "KAPFLOW_MESSAGES_PER_SECOND=3"})
	if err != nil {
		t.Fatal(err)
	}
	o := FromSettings(settings, practice.Practice{})
	if o.Store.URL != "postgres://u:p@127.0.0.1/kapflow" || o.Store.Keys.Current() != "f1" || len(o.Store.IndexKey) != keyring.KeyBytes || o.Temporal.Codec == nil ||
		o.Temporal.Address != "" || o.TaskQueue != "clinic" || o.Settings.MessagesPerSecond != 3 || o.Now != nil {
		t.Errorf("%+v", o)
	}
}
