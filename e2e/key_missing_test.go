package e2e_test

import (
	"testing"
	"time"

	"kapflow/desk"
	"kapflow/keyring"
)

func TestExploreKeys(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	now := h.hire(t)
	id := h.enroll(t, "keys")
	old := h.wires
	newField, newPayload := keyring.NewEntry("new-field"), keyring.NewEntry("new-payload")
	front := old
	front.PayloadKey = newPayload + "," + old.PayloadKey
	try := func(what string, h *house, id string) {
		h.Desk.Patience = 6 * time.Second
		_, err := h.report(t, psychotherapist, desk.Command{ClientID: id, Fact: "goals-recorded", ID: what, With: []byte(`{"intention":"to rest"}`)})
		t.Logf("%s: %v", what, err)
		_, err = h.report(t, psychotherapist, desk.Command{ClientID: id, Fact: "paused", ID: what + "p", With: []byte(`{"reason":"to rest"}`)})
		t.Logf("%s: %v", what, err)
	}
	a := h.rewired(t, front)
	try("desk writes with a payload key that the worker lacks", a, id)
	other := old
	other.PayloadKey = newPayload
	b := h.rewired(t, other)
	try("desk has only another payload key", b, id)
	front = old
	front.FieldKey = newField + "," + old.FieldKey
	c := h.rewired(t, front)
	try("desk seals with a field key that the worker lacks", c, id)
	_, err := c.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: "keys-2", PreferredName: "Sample", Phone: "+13035550142", OtherPerson: true, Presenting: []string{"depression"}})
	t.Log(err)
	id2 := ""
	for _, x := range h.query(t, "SELECT id FROM client") {
		if x != id {
			id2 = x
		}
	}
	try("client whose key the worker lacks", c, id2)
	try("client whose key the worker and the desk lack", h, id2)
	must(t, now.kill())
	wrong := h.hire(t, func(w *wires) { w.PayloadKey = newPayload })
	try("the worker lacks the payload key", h, id)
	must(t, wrong.kill())
	h.hire(t)
	try("right again", h, id)
	_, err = h.startProcess(func(w *wires) { w.FieldKey = newField })
	t.Log(err)
}
