package care_test

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// kept is what the store holds of a machine's journey: the chart as last saved, and the results that came since.
type kept struct {
	chart   string
	records []care.SendRecord
}

// save keeps the machine's chart, as a journey does after each fact and with each change.
func (k *kept) save(m *machine) {
	k.chart = asJSON(m, m.chart)
	k.records = slices.DeleteFunc(k.records, func(r care.SendRecord) bool {
		return r.No <= m.chart.Batches && !slices.Contains(m.chart.InFlight, r.No)
	})
}

// load reads the journey's state as the store does.
func (k *kept) load(m *machine) *care.Chart {
	chart := new(care.Chart)
	if err := json.Unmarshal([]byte(k.chart), chart); err != nil {
		m.Fatalf("unmarshal: %v", err)
	}
	chart.TakeIn(k.records)
	return chart
}

// land gives the batches under way their results, of every sort.
func (m *machine) land() {
	d := dice{T: m.T, chart: m.chart, now: m.now}
	for _, b := range m.flights {
		var results []message.NotificationResult
		for _, due := range b.Due {
			results = append(results, result(d, due))
		}
		m.kept.records = append(m.kept.records, care.SendRecord{Epoch: m.chart.Epoch, No: b.No, At: m.now, Due: b.Due, Results: results})
		m.chart.Finish(b, results, false, m.now)
	}
	m.flights = nil
}

// result draws how the sending of a notification ended.
func result(d dice, due message.DueNotification) message.NotificationResult {
	n := due.Notification
	r := message.NotificationResult{Key: n.Key, Result: message.ResultExpired}
	if due.Expired {
		return r
	}
	end := message.DeliveryEnd{State: message.StateSent, Tracked: true}
	r.Result = message.ResultSent
	if d.chance(5) {
		x := pick(d, []struct {
			result message.Result
			end    message.DeliveryEnd
		}{
			{message.ResultUnknown, message.DeliveryEnd{State: message.StateUnknown, Fault: message.FaultAmbiguous}},
			{message.ResultFailed, message.DeliveryEnd{State: message.StateRejected, Fault: message.FaultTransient}},
			{message.ResultFailed, message.DeliveryEnd{State: message.StateRejected, Fault: message.FaultAddress}},
			{message.ResultFailed, message.DeliveryEnd{State: message.StateRejected, Fault: message.FaultContent}},
			{message.ResultDeferred, message.DeliveryEnd{State: message.StatePlanned, Fault: message.FaultThrottle, RetryAfter: 90 * time.Second}},
			{message.ResultDeferred, message.DeliveryEnd{State: message.StatePlanned, Fault: message.FaultNotSent}},
			{message.ResultSuppressed, message.DeliveryEnd{State: message.StateSuppressed, Fault: message.FaultCapped}},
		}...)
		r.Result, end = x.result, x.end
	}
	for _, ch := range n.Channels {
		end.Channel = ch
		if ch == person.Email {
			end.Tracked = false
		}
		r.Deliveries = append(r.Deliveries, end)
	}
	return r
}

// restart holds that the saved chart, with the results kept beside it, is the whole state of the journey: read back, it is
// the chart in memory but for what is under way, which is owed again. Now and then the journey goes on from it.
func (m *machine) restart() {
	live, stored := m.chart.Clone(), m.kept.load(m)
	live.Resume(m.chart.Epoch)
	stored.Resume(m.chart.Epoch)
	for _, c := range []*care.Chart{live, stored} {
		c.Version, c.SavedVersion, c.Batches, c.Published.At = 0, 0, 0, time.Time{} // which decide nothing
	}
	if was, is := asJSON(m, live), asJSON(m, stored); was != is {
		m.Fatalf("a journey started anew would go another way: %s", cmp.Diff(was, is))
	}
	if d := (dice{T: m.T}); d.chance(20) {
		m.chart = m.kept.load(m)
		m.chart.Resume(m.chart.Epoch + 1)
		m.flights, m.kept.records = nil, nil
		m.kept.save(m)
		m.text = asJSON(m, m.chart)
	}
}
