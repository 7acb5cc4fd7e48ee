package browser_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapflow/e2e/browser"
)

// fill types values into a form.
func (s screen) fill(values map[string]string) {
	s.t.Helper()
	for name, value := range values {
		s.Do("fill", browser.Args{"selector": "[name='" + name + "']:visible", "value": value})
	}
}

// press clicks, and what it leads to must be a page.
func (s screen) press(selector string) {
	s.t.Helper()
	s.Do("click", browser.Args{"selector": selector})
}

// choose ticks values of radio buttons.
func (s screen) choose(values map[string]string) {
	s.t.Helper()
	for name, value := range values {
		s.Do("check", browser.Args{"selector": "[name='" + name + "'][value='" + value + "']"})
	}
}

// infusionDay is the day of an infusion, taken by a nurse and a physician on two screens.
type infusionDay struct {
	o                   *office
	nurse, doctor       screen
	nurseURL, doctorURL string
}

// openDay opens the page of the day on both screens.
func openDay(t *testing.T, at screenKind) infusionDay {
	t.Helper()
	o := house(t)
	o.play(beforeAnInfusion)
	o.until(22, 12, 40)
	path := "/c/" + o.client + "/infusion/infusion-1"
	d := infusionDay{o: o, nurse: onScreen(t, at), doctor: onScreen(t, at),
		nurseURL: o.consoleOf(o.Practice.Policy.FirstHolding("nurse")) + path, doctorURL: o.consoleOf(o.Practice.Policy.FirstHolding("physician")) + path}
	for url, s := range map[string]screen{d.nurseURL: d.nurse, d.doctorURL: d.doctor} {
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
		s.Do("goto", browser.Args{"url": url})
	}
	return d
}

// TestStaffTakeAnInfusionDayThroughPages: a nurse and a physician go from the check-in to the way home, on a phone and on a desk,
// in light and dark, without JavaScript. Whoever meets a refusal reads what is missing and whose move it is.
func TestStaffTakeAnInfusionDayThroughPages(t *testing.T) {
	t.Parallel()
	for _, at := range screens() {
		t.Run(at.name, func(t *testing.T) {
			d := openDay(t, at)
			d.checkIn()
			d.run()
			d.goHome()
			d.print(t, at)
			day := d.o.chart().Visit("infusion-1").Day
			if day.DischargedAt.IsZero() || day.Drug == nil || day.Drug.DoseMG != 28 || !strings.Contains(day.StoppedBy.ID, "dr-") {
				t.Errorf("the journey has %+v", day)
			}
		})
	}
}

// checkIn fills in the sheet from both sides and starts the infusion.
func (d infusionDay) checkIn() {
	nurse, doctor := d.nurse, d.doctor
	nurse.look("day-a-before", "Ana", "Ordered dose", "35 mg", "Not ready", "no check-in")
	nurse.press("a:has-text('Fill in the check-in sheet')")
	nurse.choose(map[string]string{"identity": "yes", "state_of_mind": "yes", "escort": "yes", "no_alcohol": "yes", "nothing_new": "yes", "emergency_ready": "yes", "consent_reconfirmed": "yes"})
	nurse.fill(map[string]string{"intention": "to rest", "state_of_mind.words": "calm", "fasting_solids_h": "8", "fasting_liquids_h": "3", "escort.words": "a brother",
		"systolic": "142", "diastolic": "850", "pulse": "72", "spo2": "98"})
	nurse.press("button:has-text('Record at once')")
	nurse.look("day-b-refused", "Nothing was recorded", "Diastolic")
	nurse.fill(map[string]string{"diastolic": "85"})
	nurse.press("button:has-text('Record at once')")
	nurse.look("day-c-open", "Not ready", "physician is not present", "caution range", "Psychotherapist", "142/85")

	doctor.Do("goto", browser.Args{"url": d.doctorURL})
	doctor.press("a:has-text('Fill in the check-in sheet')")
	doctor.choose(map[string]string{"physician_present": "yes", "psychotherapist_present": "yes", "physician_decision": "yes"})
	doctor.fill(map[string]string{"physician_reason": "usual for this client"})
	doctor.press(".buttons button[value=preview]")
	doctor.press("button[value=record]")
	doctor.look("day-d-ready", "Ready", "Nothing is missing")
	d.o.until(22, 12, 45)
	doctor.press("button:has-text('Start the infusion')")
	doctor.look("day-e-start", "What will happen")
	d.o.until(22, 13, 0)
	doctor.press("button[value=record]")
	doctor.look("day-f-started", "Running", "minutes since 1:00 PM", "Next reading by 1:10 PM")
}

// run takes the readings of 40 minutes, an absence and an event, and stops the infusion early.
func (d infusionDay) run() {
	nurse, doctor := d.nurse, d.doctor
	nurse.Do("goto", browser.Args{"url": d.nurseURL})
	for _, r := range [][]string{{"9", "138", "84"}, {"18", "151", "92"}, {"27", "164", "97"}, {"36", "148", "90"}} {
		d.halfPast(number(r[0]))
		nurse.fill(map[string]string{"systolic": r[1], "diastolic": r[2], "pulse": "88", "spo2": "97"})
		nurse.press("button:has-text('Record now')")
	}
	nurse.look("day-g-running", "36 minutes since 1:00 PM", "148/90", "In the caution range", "minute 27", "Alert: Vitals high")
	nurse.guide("infusion")
	nurse.press("summary:has-text('Psychotherapist left')")
	nurse.press("button:has-text('Yes, record it now'):visible")
	nurse.look("day-h-left", "The psychotherapist is out")
	nurse.press("button:has-text('Psychotherapist came back')")
	nurse.press("summary:has-text('adverse event')")
	nurse.choose(map[string]string{"severity": "mild"})
	nurse.fill(map[string]string{"kind": "nausea", "action": "a basin, and rest"})
	nurse.press("button:has-text('Yes, record it now'):visible")
	nurse.look("day-i-event", "Adverse events", "Nausea")
	d.halfPast(40)
	doctor.Do("goto", browser.Args{"url": d.doctorURL})
	doctor.press("summary:has-text('Stop the infusion')")
	doctor.press("button:has-text('Yes, stop it now')")
	doctor.look("day-j-stop-refused", "Nothing was recorded", "outside 45 to 60 minutes")
	doctor.fill(map[string]string{"reason": "the client asked to stop"})
	doctor.press("button:has-text('Record at once')")
	doctor.look("day-k-stopped", "After the infusion", "observed until")
}

// halfPast lets time go on to the middle of a minute of the infusion, which began with the hour. The pages count whole minutes since the
// start, and the journey's clock goes on while pages load: at the edge of a minute it would depend on the machine which one they say.
func (d infusionDay) halfPast(minute int) {
	d.o.t.Helper()
	z := d.o.Practice.Zone
	d.o.goOn(z.Clock(z.AddDays(d.o.chart().EnrolledAt, 21), 13, minute).Add(30 * time.Second))
}

// goHome records what was given and who takes the client home.
func (d infusionDay) goHome() {
	nurse := d.nurse
	d.o.until(22, 14, 15)
	nurse.Do("goto", browser.Args{"url": d.nurseURL})
	nurse.press("a:has-text('Record what was given')")
	nurse.fill(map[string]string{"dose_mg": "28", "lot": "A-113", "expires_on": "2030-01-31", "waste_mg": "0"})
	nurse.press("button:has-text('Record at once')")
	nurse.press("a:has-text('Let the client go home')")
	nurse.press("button:has-text('Record at once')")
	nurse.look("day-l-home-refused", "Nothing was recorded", "The client must be alert before the client goes home")
	nurse.choose(map[string]string{"alert": "yes", "walking": "yes", "vitals_ok": "yes", "instructions_given": "yes"})
	nurse.fill(map[string]string{"released_to": "her brother"})
	nurse.press("button:has-text('Record at once')")
	nurse.look("day-m-home", "Home", "28 mg", "A-113")
}

// print holds that the day prints on one page.
func (d infusionDay) print(t *testing.T, at screenKind) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "day.pdf")
	if dir := os.Getenv(picturesVariable); dir != "" {
		file = filepath.Join(dir, at.name+"-day.pdf")
	}
	d.nurse.Do("pdf", browser.Args{"path": file})
	printed, err := os.ReadFile(file)
	must(t, err)
	if pages := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(printed, -1)); pages != 1 {
		t.Errorf("the day prints on %d pages", pages)
	}
}

// number reads a small number.
func number(text string) (n int) {
	for _, r := range text {
		n = n*10 + int(r-'0')
	}
	return n
}
