package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"kapflow/care/person"
	"kapflow/desk"
)

// TestFindByNameNumberAndCode: a search finds who is meant, and nobody else; of many it shows the first by name and counts the others.
func TestFindByNameNumberAndCode(t *testing.T) {
	t.Parallel()
	d, _ := atDesk(t)
	enroll := func(id, name, phone string) {
		t.Helper()
		newClient(t, d, id, id, person.Contact{PreferredName: name, Phone: phone})
	}
	enroll("client-1", "Ana van der Sample", "+13035550111")
	enroll("client-2", "Anatol Sample", "+13035550111")
	enroll("client-3", "Ángel Sample", "+13035550112")
	for n := range desk.MostFound + 3 {
		enroll(fmt.Sprintf("client-many-%02d", n), fmt.Sprintf("Quentin %02d", n), "")
	}
	for text, want := range map[string][]string{
		"ana": {"client-1", "client-2"}, "ANA VAN": {"client-1"}, "van der": {"client-1"}, "der sa": {"client-1"}, "án": {"client-3"}, "sample": {"client-1", "client-2", "client-3"},
		"na": nil, "ana sample": nil, "client-2": {"client-2"}, "CLIENT-3": {"client-3"}, "(303) 555-0111": {"client-1", "client-2"}, "+13035550112": {"client-3"}, "ana v": {"client-1"},
	} {
		found, more, err := d.Find(t.Context(), as(d, coordinator), text)
		var ids []string
		for _, f := range found {
			ids = append(ids, f.Client)
		}
		slices.Sort(ids)
		if err != nil || more != 0 || !slices.Equal(ids, want) {
			t.Errorf("%q finds %v and %d more, want %v (%v)", text, ids, more, want, err)
		}
	}
	found, more, err := d.Find(t.Context(), as(d, coordinator), "quen")
	if err != nil || len(found) != desk.MostFound || more != 3 || found[0].Name != "Quentin 00" || found[desk.MostFound-1].Name != fmt.Sprintf("Quentin %02d", desk.MostFound-1) {
		t.Errorf("%d found, %d more, %v", len(found), more, err)
	}
}
