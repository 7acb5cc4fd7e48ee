package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/values"
)

// parse reads one value as people type it and gives it as a report holds it. The error says in plain words how to write it.
func parse(f care.Field, text string, z clock.Zone) (any, error) {
	if f.Type == answerType {
		return parseAnswer(text), nil
	}
	switch f.Input {
	case care.InputMoney:
		return parseMoney(text)
	case care.InputPercent:
		return parsePercent(text)
	case care.InputNumber:
		return parseNumber(f, text)
	case care.InputDate, care.InputDateTime:
		return parseTime(f, text, z)
	case care.InputYesNo:
		return parseYesNo(text)
	case care.InputPhone:
		return withCountry(text), nil
	case care.InputChoice:
		if f.Type == "number" {
			return parseNumber(f, text)
		}
	}
	return text, nil
}

// answerType is the type of a field that takes a yes or no, or words.
const answerType = "yes/no or text"

// parseAnswer reads a yes or no, or words. "no" stays a word: that there is no experience is an answer.
func parseAnswer(text string) any {
	if is, err := strconv.ParseBool(text); err == nil && len(text) > 1 {
		return is
	}
	if strings.EqualFold(text, "yes") {
		return true
	}
	return text
}

// parseMoney reads an amount of dollars: beside a field that says dollars, a bare 100 is $100.00. The result is in cents.
func parseMoney(text string) (int64, error) {
	if !strings.Contains(text, "$") {
		sign, amount := "", text
		if rest, minus := strings.CutPrefix(text, "-"); minus {
			sign, amount = "-", rest
		}
		text = sign + "$" + strings.TrimSpace(amount)
	}
	return values.Cents(text)
}

// parsePercent reads a percentage, with its sign behind it or without. The result is in hundredths of a percent.
func parsePercent(text string) (int64, error) {
	bare := strings.TrimSpace(strings.TrimSuffix(text, string(care.Percent)))
	whole, part, _ := strings.Cut(bare, ".")
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", max(0, 2-len(part))), 10, 64)
	if err != nil || whole == "" || len(part) > 2 || n > 100_00 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, errors.New("write a percentage from 0 to 100, such as 20")
	}
	return n, nil
}

// parseNumber reads a number, with its unit behind it or without.
func parseNumber(f care.Field, text string) (json.Number, error) {
	bare := strings.TrimSpace(strings.TrimSuffix(text, string(f.Unit)))
	bare = strings.ReplaceAll(bare, ",", "")
	n, err := strconv.ParseFloat(bare, 64)
	if err != nil || strings.Trim(bare, "0123456789.-") != "" {
		return "", errors.New("write a number such as 45")
	}
	return json.Number(strconv.FormatFloat(n, 'f', -1, 64)), nil
}

func parseYesNo(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "yes", "on", "true", "y", "1":
		return true, nil
	case "no", "off", "false", "n", "0":
		return false, nil
	}
	return false, errors.New("answer yes or no")
}

// Layouts of dates and times as people in the United States and browsers write them.
var (
	dayLayouts  = []string{time.DateOnly, "1/2/2006", "1/2/06", "Jan 2, 2006", "January 2, 2006", "2 Jan 2006"}
	hourLayouts = []string{"15:04", "15:04:05", "3:04 PM", "3:04PM", "3 PM", "3PM"}
)

// parseTime reads a date, or a date and a time, of the zone. A field of time gets an instant with its offset, so that no other
// zone changes it; any other field a day such as 2027-01-31.
func parseTime(f care.Field, text string, z clock.Zone) (string, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.Format(time.RFC3339Nano), nil
	}
	text = strings.ToUpper(strings.Join(strings.Fields(text), " "))
	for _, day := range dayLayouts {
		if at, err := time.Parse(day, text); err == nil {
			if f.Type != "time" {
				return at.Format(time.DateOnly), nil
			}
			return instant(at.Format(time.DateOnly), z)
		}
		for _, hour := range hourLayouts {
			for _, between := range []string{" ", "T", ", "} {
				if at, err := time.Parse(day+between+hour, text); err == nil {
					return instant(at.Format("2006-01-02 15:04:05"), z)
				}
			}
		}
	}
	if f.Input == care.InputDate {
		return "", errors.New("write a date such as 3/4/2027")
	}
	return "", errors.New("write a date and a time such as 3/4/2027 10:00 AM")
}

// instant gives the instant of a day or a time of day in the zone, with its offset.
func instant(text string, z clock.Zone) (string, error) {
	at, err := z.ParseTime(text)
	if errors.Is(err, clock.ErrTwiceTime) {
		return "", fmt.Errorf("the clocks go back that night, so this time comes twice; write the earlier one as %s", z.Local(at).Format(time.RFC3339))
	}
	if err != nil {
		return "", err
	}
	return z.Local(at).Format(time.RFC3339Nano), nil
}

// withCountry writes a telephone number of the United States with its country code. Any other text stays as it is typed.
func withCountry(text string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()\u00a0", r) {
			return -1
		}
		return r
	}, text)
	switch {
	case strings.Trim(digits, "0123456789") != "":
		return text
	case len(digits) == 10:
		return "+1" + digits
	case len(digits) == 11 && digits[0] == '1':
		return "+" + digits
	}
	return text
}

// isDay says whether an instant is the first of its day in the zone.
func isDay(at time.Time, z clock.Zone) bool {
	day, err := z.ParseTime(z.Local(at).Format(time.DateOnly))
	return err == nil && day.Equal(at)
}

// sayTime writes an instant as a form shows it: a day, or a day and a time of the zone as browsers write it. What cannot be
// written so, such as a time that comes twice, has its offset.
func sayTime(f care.Field, at time.Time, z clock.Zone) string {
	layouts := []string{"2006-01-02T15:04", "2006-01-02T15:04:05"}
	if f.Input == care.InputDate && isDay(at, z) {
		layouts = []string{time.DateOnly}
	}
	for _, layout := range layouts {
		text := z.Local(at).Format(layout)
		if back, err := z.ParseTime(text); err == nil && back.Equal(at) {
			return text
		}
	}
	return z.Local(at).Format(time.RFC3339Nano)
}
