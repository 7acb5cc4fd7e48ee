// Command oldrecord writes the record of a sample client who withdrew eight years ago, and prints the client's id. It is for the drill
// with the compose file, which cannot wait until a record may be erased.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/desk"
	"kapflow/practice"
	"kapflow/store"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, _, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	records, err := store.Open(ctx, store.Options{URL: settings.DatabaseURL.Reveal(), Keys: settings.FieldKeys.Ring(), IndexKey: settings.IndexKey.Bytes()})
	if err != nil {
		return err
	}
	defer records.Close()
	enrolled := time.Now().AddDate(-8, 0, 0)
	prac, err := practice.Sample(enrolled)
	if err != nil {
		return err
	}
	by := person.Actor{ID: "coordinator", Role: person.Coordinator}
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: desk.NewID("client"), Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: enrolled,
		Report: care.Report{ID: "enrolled", By: by, With: json.RawMessage(`{"presenting":["anxiety"],"channels":["sms"]}`)}})
	if err != nil {
		return err
	}
	// The desk writes a row of the audit log before each fact.
	if err := records.Audit(ctx, by, "record", chart.ClientID, json.RawMessage(`{"fact":"enrolled","id":"enrolled"}`)); err != nil {
		return err
	}
	if _, _, err := records.NewClient(ctx, care.NewClient{Identity: chart.ClientID, Contact: person.Contact{PreferredName: "Old Sample", Phone: "+13035550199"},
		Save: care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(enrolled)}}); err != nil {
		return err
	}
	left := enrolled.Add(time.Hour)
	taken, err = chart.Record("withdrawn", care.Report{ID: "left", By: person.Actor{ID: chart.ClientID, Role: person.Client}, With: json.RawMessage(`{}`)}, left)
	if err != nil {
		return err
	}
	if err := records.Audit(ctx, by, "record", chart.ClientID, json.RawMessage(`{"fact":"withdrawn","id":"left"}`)); err != nil {
		return err
	}
	if err := records.SaveChart(ctx, care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(left)}); err != nil {
		return err
	}
	_, err = fmt.Println(chart.ClientID)
	return err
}
