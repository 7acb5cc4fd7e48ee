package policy

import (
	"fmt"
	"slices"
	"strings"

	"kapflow/care/person"
	"kapflow/care/values"
	"kapflow/care/wording"
)

// Member is somebody who works at the practice, as the setting staff lists them. A clinician is listed there too, under the
// same id, to hold another role or to have a phone.
type Member struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	Email string        `json:"email"`
	Roles []person.Role `json:"roles"`

	Phone string `json:"phone,omitempty"` // E.164; for urgent alerts
	Texts bool   `json:"texts,omitempty"` // whether they agreed to get urgent alerts as texts
}

// Holds says whether somebody has a role.
func (m Member) Holds(role person.Role) bool { return slices.Contains(m.Roles, role) }

// Everybody lists all people of the practice, clinicians first, each once with all their roles. A practice file from before
// the setting staff has its clinicians only.
func (p Policy) Everybody() []Member {
	var all []Member
	for _, c := range p.Clinicians {
		all = append(all, Member{ID: c.ID, Name: c.Name, Email: c.Email, Roles: []person.Role{c.Role}})
	}
	for _, m := range p.Staff {
		i := slices.IndexFunc(all, func(known Member) bool { return known.ID == m.ID })
		if i < 0 {
			m.Roles = slices.Clone(m.Roles)
			all = append(all, m)
			continue
		}
		for _, role := range m.Roles {
			if !all[i].Holds(role) {
				all[i].Roles = append(all[i].Roles, role)
			}
		}
		all[i].Phone, all[i].Texts = m.Phone, m.Texts
	}
	return all
}

// Member finds somebody of the practice by id.
func (p Policy) Member(id string) (Member, bool) {
	for _, m := range p.Everybody() {
		if m.ID == id {
			return m, true
		}
	}
	return Member{}, false
}

// Holding lists the people of the practice who have a role.
func (p Policy) Holding(role person.Role) []Member {
	return slices.DeleteFunc(p.Everybody(), func(m Member) bool { return !m.Holds(role) })
}

// FirstHolding gives the first listed person of a role; empty when nobody holds it.
func (p Policy) FirstHolding(role person.Role) string {
	if all := p.Holding(role); len(all) > 0 {
		return all[0].ID
	}
	return ""
}

// checkStaff finds what is wrong with the setting staff.
func (p Policy) checkStaff(f *faults) {
	seen := map[string]bool{}
	for i, m := range p.Staff {
		at := fmt.Sprintf("staff[%d].", i)
		clinician, treats := p.Clinician(m.ID)
		f.staffID(at+"id", m.ID)
		if seen[strings.ToLower(m.ID)] && m.ID != "" {
			f.add(at+"id", "%q is used twice; every person is listed once here, with all their roles", m.ID)
		}
		seen[strings.ToLower(m.ID)] = true
		if i := slices.IndexFunc(p.Clinicians, func(c Clinician) bool { return c.ID != m.ID && strings.EqualFold(c.ID, m.ID) }); i >= 0 {
			f.add(at+"id", "%q differs from the clinician %q in capital letters only; write it alike, or choose another id", m.ID, p.Clinicians[i].ID)
		}
		switch {
		case treats && m.Name != "" && m.Name != clinician.Name:
			f.add(at+"name", "%q has another name in clinicians; two people never share an id", m.ID)
		case m.Name == "" && !treats:
			f.add(at+"name", "is missing")
		default:
			f.value(at+"name", m.Name, values.Name)
		}
		if m.Email == "" && !treats {
			f.add(at+"email", "is missing; invitations and alerts are mailed there")
		}
		if treats && m.Email != "" && m.Email != clinician.Email {
			f.add(at+"email", "%q has another email address in clinicians; change it there", m.ID)
		}
		f.value(at+"email", m.Email, values.Email)
		f.value(at+"phone", m.Phone, plainPhone)
		if m.Texts && m.Phone == "" {
			f.add(at+"texts", "is true, but there is no phone; add one such as +13035550100")
		}
		f.staffRoles(at+"roles", m, clinician)
	}
}

// plainPhone is values.Phone for a number that nobody tidies before it is dialed.
func plainPhone(text string) (string, error) {
	phone, err := values.Phone(text)
	if err == nil && phone != text {
		err = fmt.Errorf("is used as it is written; write %s", phone)
	}
	return phone, err
}

// staffID refuses an id that cannot be told from a role or a machine, or that cannot be kept.
func (f *faults) staffID(path, id string) {
	if id == "" {
		f.add(path, "is missing")
		return
	}
	f.value(path, id, func(text string) (string, error) { return values.Line(text, values.MostLine) })
	if slices.Contains([]person.Role{person.Client, person.Provider, person.System}, person.Role(id)) {
		f.add(path, "%q is what Kapflow calls a client, a message provider or itself; choose another id", id)
	}
}

func (f *faults) staffRoles(path string, m Member, clinician Clinician) {
	if len(m.Roles) == 0 && m.Phone == "" {
		f.add(path, "is missing; the roles are %s", person.JoinRoles(person.StaffRoles()))
	} else if len(m.Roles) == 0 && clinician.ID == "" {
		f.add(path, "is empty; the roles are %s", person.JoinRoles(person.StaffRoles()))
	}
	for j, role := range m.Roles {
		at := fmt.Sprintf("%s[%d]", path, j)
		switch {
		case !slices.Contains(person.StaffRoles(), role):
			f.add(at, "%q is not a role of the staff%s; the roles are %s", role, wording.DidYouMean(string(role), person.StaffRoles()), person.JoinRoles(person.StaffRoles()))
		case role.Clinical() && clinician.Role != role:
			f.add(at, "a %s treats clients; list this person in clinicians too, with that role", role)
		case slices.Contains(m.Roles[:j], role):
			f.add(at, "%q is named twice", role)
		}
	}
}

// value adds the fault that a check of package values finds. An empty text is somebody else's to judge.
func (f *faults) value(path, text string, check func(string) (string, error)) {
	if text == "" {
		return
	}
	if _, err := check(text); err != nil {
		f.add(path, "%v", err)
	}
}
