package values_test

import (
	"testing"

	"kapflow/care/values"
)

func TestPhonesAreSaidAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string]string{"+13035550142": "(303) 555-0142", "+49305550142": "+49305550142", "+1303555014": "+1303555014", "+1303555014x": "+1303555014x", "": ""} {
		if got := values.SayPhone(phone); got != want {
			t.Errorf("%q is said as %q, want %q", phone, got, want)
		}
	}
}

func TestZoneNamesAreOfPlacesWithTheirClockChanges(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Denver", "US/Mountain", "America/Argentina/Buenos_Aires", "Pacific/Honolulu", "Europe/Berlin"} {
		if got, err := values.ZoneName(name); err != nil || got != name {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	for _, name := range []string{"EST", "MST", "HST", "est", "EST5EDT", "UTC", "GMT", "GMT+7", "Etc/GMT+7", "Etc/UTC", "Zulu", "Local", "MST7MDT", "-07:00", "UTC-7", "America", "America/", "../America/Denver", "PST8PDT", "Denver"} {
		if got, err := values.ZoneName(name); err == nil {
			t.Errorf("%s is taken as %q", name, got)
		}
	}
}

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"$100": 10000, "$100.00": 10000, "100.00": 10000, "$1,250.50": 125050, " $ 0.05 ": 5, "-$25.00": -2500, "$1,000,000.00": 100_000_000} {
		if got, err := values.Cents(text); err != nil || got != want {
			t.Errorf("%q: %d %v", text, got, err)
		}
	}
	for _, text := range []string{"", "100", "$", "$1.5", "$1,00.00", "NaN", "$NaN", "$1e9", "Inf", "$-5.00", "$5.000", "five", "$99999999999999999999.00", "$1,000,001", "€5.00"} {
		if got, err := values.Cents(text); err == nil {
			t.Errorf("%q is taken as %d", text, got)
		}
	}
}
