package config

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// addressRow is one value of a setting that names an address. Refused is part of the fault; empty: it may be used.
type addressRow struct {
	name, value, refused string
	also                 []string
}

const (
	clear, unverified = "must begin with https://", "without a verified certificate"
	header            = "KAPFLOW_ADDRESS_HEADER=X-Real-IP"
)

var longToken = "KAPFLOW_DECODE_TOKEN=" + strings.Repeat("x", 40)

// addressRows are what every setting with an address takes and refuses.
func addressRows() []addressRow {
	hosts := []string{"KAPFLOW_PRIVATE_HOSTS=db,temporal,site.internal,10.8.0.0/16,fd00:1::/64"}
	rows := []addressRow{
		{"DATABASE_URL", "postgres://u:p@db.example/k", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@db.example/k?sslmode=disable", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@db.example/k?sslmode=prefer", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@db.example/k?sslmode=require", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@db.example/k?sslmode=verify-ca", unverified, nil},
		{"DATABASE_URL", "host=db.example dbname=k user=u password=p", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@127.0.0.1,db.example/k?sslmode=disable", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@10.8.0.5/k?sslmode=disable", unverified, nil},
		{"DATABASE_URL", "postgres://u:p@10.9.0.5/k?sslmode=disable", unverified, hosts},
		{"DATABASE_URL", "postgres://u:p@db.example/k?sslmode=verify-full", "", nil},
		{"DATABASE_URL", "host=db.example dbname=k user=u password=p sslmode=verify-full", "", nil},
		{"DATABASE_URL", "postgres://u:p@127.0.0.1:5432/k?sslmode=disable", "", nil},
		{"DATABASE_URL", "postgres://u:p@[::1]:5432/k?sslmode=disable", "", nil},
		{"DATABASE_URL", "host=/run/postgresql dbname=k user=u", "", nil},
		{"DATABASE_URL", "postgres://u:p@db/k?sslmode=disable", "", hosts},
		{"DATABASE_URL", "postgres://u:p@10.8.0.5/k?sslmode=disable", "", hosts},
		{"DATABASE_URL", "postgres://u:p@db.example/k?sslmode=nonsense", "an option, or a certificate's file", nil},
		{"TEMPORAL_ADDRESS", "temporal.example:7233", unverified, nil},
		{"TEMPORAL_ADDRESS", "temporal.example:7233", unverified, []string{"TEMPORAL_API_KEY=k", "TEMPORAL_TLS=false"}},
		{"TEMPORAL_ADDRESS", "temporal.example:7233", unverified, []string{"TEMPORAL_TLS=true", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION=true"}},
		{"TEMPORAL_ADDRESS", "temporal:7233", unverified, nil},
		{"TEMPORAL_ADDRESS", "temporal", "is not an address", nil},
		{"KAPFLOW_CONSOLE_URL", "http://desk.example", "must begin with https://", []string{"KAPFLOW_CONSOLE_LISTEN=127.0.0.1:8234"}},
		{"KAPFLOW_CONSOLE_URL", "http://localhost:8234", "must begin with https://", []string{"KAPFLOW_CONSOLE_LISTEN=:8234"}},
		{"KAPFLOW_CONSOLE_URL", "http://localhost:8234", "", []string{"KAPFLOW_CONSOLE_LISTEN=127.0.0.1:8234"}},
		{"KAPFLOW_CONSOLE_URL", "https://desk.example", "", []string{"KAPFLOW_CONSOLE_LISTEN=:8234"}},
		{"KAPFLOW_CONSOLE_LISTEN", "8234", "is not an address", []string{"KAPFLOW_CONSOLE_URL=https://desk.example"}},
		{"KAPFLOW_CONSOLE_LISTEN", ":8234", "", []string{"KAPFLOW_CONSOLE_URL=https://desk.example"}},
		{"TEMPORAL_ADDRESS", "temporal:7233", "", hosts},
		{"TEMPORAL_ADDRESS", "temporal.example:7233", "", []string{"TEMPORAL_TLS=true"}},
		{"TEMPORAL_ADDRESS", "temporal.example:7233", "", []string{"TEMPORAL_API_KEY=k"}},
		{"TEMPORAL_ADDRESS", "127.0.0.1:7233", "", nil},
		{"KAPFLOW_PRIVATE_HOSTS", "db.example", "is not a name on a private network", nil},
		{"KAPFLOW_PRIVATE_HOSTS", "0.0.0.0/0", "is not a private network", nil},
		{"KAPFLOW_PRIVATE_HOSTS", "10.0.0.0/7", "is not a private network", nil},
		{"KAPFLOW_PRIVATE_HOSTS", "8.8.8.8", "is not a private network", nil},
		{"KAPFLOW_PRIVATE_HOSTS", "*", "is not a name on a private network", nil},
		{"KAPFLOW_PRIVATE_HOSTS", "db, 192.168.1.7,fd00::/8,office.lan", "", nil},
		{"KAPFLOW_LISTEN", "8233", "is not an address", nil},
		{"KAPFLOW_LISTEN", ":8233", "", nil},
		{"KAPFLOW_PRIVATE_LISTEN", "8234", "is not an address", nil},
		{"KAPFLOW_PRIVATE_LISTEN", ":8233", "is the same as KAPFLOW_LISTEN", nil},
		{"KAPFLOW_PRIVATE_LISTEN", ":8234", "is reached by other machines", nil},
		{"KAPFLOW_PRIVATE_LISTEN", "203.0.113.5:8234", "is reached by other machines", nil},
		{"KAPFLOW_PRIVATE_LISTEN", "10.8.0.5:8234", "", hosts},
		{"KAPFLOW_PRIVATE_LISTEN", ":8234", "", []string{longToken}},
		{"KAPFLOW_PRIVATE_LISTEN", "[::1]:8234", "", nil},
		{"KAPFLOW_PUBLIC_URL", "https://visit.example", "KAPFLOW_ADDRESS_HEADER is missing", nil},
		{"KAPFLOW_UI_ORIGIN", "https://ui.example", "KAPFLOW_DECODE_TOKEN is missing", nil},
	}
	for _, name := range webAddresses {
		more := []string{header, longToken, "KAPFLOW_ELIGIBILITY_KEY=k"}
		if name != "KAPFLOW_ELIGIBILITY_URL" {
			more = more[:2]
		}
		for value, refused := range map[string]string{
			"https://somewhere.example": "", "http://127.0.0.1:8080": "", "http://localhost:8080": "", "http://[::1]:8080": "", "http://site.internal": "", "http://10.8.3.4": "", "http://[fd00:1::7]:80": "",
			"http://somewhere.example": clear, "http://10.9.0.1": clear, "http://127.0.0.1.example": clear, "http://localhost.example": clear, "http://[fd00:2::7]:80": clear, "http://site": clear,
		} {
			rows = append(rows, addressRow{name, value, refused, append(slices.Clone(more), hosts...)})
		}
	}
	return rows
}

var webAddresses = []string{"KAPFLOW_PUBLIC_URL", "KAPFLOW_UI_ORIGIN", "TWILIO_BASE_URL", "SENDGRID_BASE_URL", "KAPFLOW_ELIGIBILITY_URL"}

// without gives the complete settings without some of them, and the others in their place.
func without(rows ...string) []string {
	out := slices.DeleteFunc(complete(), func(entry string) bool {
		return slices.ContainsFunc(append(rows, "KAPFLOW_PRIVATE_HOSTS="), func(row string) bool {
			name, _, _ := strings.Cut(row, "=")
			return strings.HasPrefix(entry, name+"=")
		})
	})
	if !slices.ContainsFunc(rows, func(row string) bool { return strings.HasPrefix(row, "DATABASE_URL=") }) {
		out = slices.DeleteFunc(out, func(entry string) bool { return strings.HasPrefix(entry, "DATABASE_URL=") })
		out = append(out, "DATABASE_URL=postgres://u:p@127.0.0.1/k")
	}
	return append(out, rows...)
}

func TestNoAddressIsUsedInTheClear(t *testing.T) {
	t.Parallel()
	for _, row := range addressRows() {
		_, _, err := Load(without(append([]string{row.name + "=" + row.value}, row.also...)...))
		if (err == nil) != (row.refused == "") || err != nil && !strings.Contains(err.Error(), row.refused) {
			t.Errorf("%s=%s with %q: want %q, got %v", row.name, row.value, row.also, row.refused, err)
		}
		if err != nil && strings.Contains(err.Error(), "u:p@") {
			t.Errorf("a fault quotes a secret: %v", err)
		}
	}
}

// TestEverySettingWithAnAddressIsChecked: a new one needs rows above that are taken and rows that are refused.
func TestEverySettingWithAnAddressIsChecked(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`_(URL|ORIGIN|LISTEN|ADDRESS|HOSTS|ENDPOINT)$`)
	for _, v := range slices.Concat(Variables(), TemporalVariables()) {
		if !named.MatchString(v.Name) {
			continue
		}
		taken, refused := false, false
		for _, row := range addressRows() {
			taken = taken || row.name == v.Name && row.refused == ""
			refused = refused || row.name == v.Name && row.refused != ""
		}
		if !taken || !refused {
			t.Errorf("%s has no row that is taken, or none that is refused", v.Name)
		}
	}
}

// TestKeysOfDifferentUsesDiffer goes through every pair of variables with keys, for current and for older keys.
func TestKeysOfDifferentUsesDiffer(t *testing.T) {
	t.Parallel()
	const a, b, c, d, e = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	load := func(payload1, payload2, field1, field2, index string) error {
		_, _, err := Load(without("KAPFLOW_PAYLOAD_KEYS=p2:"+payload1+",p1:"+payload2, "KAPFLOW_FIELD_KEYS=f2:"+field1+", f1:"+field2, "KAPFLOW_INDEX_KEY="+index))
		return err
	}
	if err := load(a, b, c, d, e); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"CurrentPayloadAndField": load(a, b, a, d, e), "OldPayloadAndField": load(a, b, c, b, e), "CurrentPayloadAndIndex": load(a, b, c, d, a),
		"OldPayloadAndIndex": load(a, b, c, d, b), "CurrentFieldAndIndex": load(a, b, c, d, c), "OldFieldAndIndex": load(a, b, c, d, d), "All": load(a, a, a, a, a),
		"InHex": load(a, b, c, d, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
	} {
		if err == nil || !strings.Contains(err.Error(), "has a key that KAPFLOW_") || strings.Contains(err.Error(), a) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
