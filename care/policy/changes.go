package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// Change is one setting that two practice files say differently. Settings are named as in the file, such as visits.session_minutes, and
// members of a list by their id, such as staff[nurse-sample].roles. A value is written as in JSON; empty: the file has no such setting.
type Change struct{ Setting, Before, After string }

// Changes lists every setting in which a practice file differs from the one before, by its name.
func Changes(before, after Policy) []Change {
	old, now := settings(before), settings(after)
	names := slices.Sorted(maps.Keys(old))
	for name := range now {
		if _, both := old[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var changes []Change
	for _, name := range names {
		if old[name] != now[name] {
			changes = append(changes, Change{name, old[name], now[name]})
		}
	}
	return changes
}

// settings gives each setting of a practice file with its value as JSON.
func settings(p Policy) map[string]string {
	body, err := json.Marshal(p)
	var tree any
	if err == nil {
		err = json.Unmarshal(body, &tree)
	}
	if err != nil {
		panic("policy: " + err.Error()) // a policy is plain data
	}
	all := map[string]string{}
	flatten("", tree, all)
	return all
}

// flatten writes the leaves of a tree under their names. A list of plain values is one leaf.
func flatten(name string, tree any, into map[string]string) {
	switch t := tree.(type) {
	case map[string]any:
		if name != "" {
			name += "."
		}
		for key, value := range t {
			flatten(name+key, value, into)
		}
	case []any:
		if len(t) == 0 || !slices.ContainsFunc(t, func(x any) bool { _, object := x.(map[string]any); return object }) {
			into[name] = asJSON(t)
			return
		}
		for i, value := range t {
			key := strconv.Itoa(i + 1)
			if object, ok := value.(map[string]any); ok && object["id"] != nil {
				key, _ = object["id"].(string)
			}
			flatten(name+"["+key+"]", value, into)
		}
	case nil: // not set
	default:
		if t != "" {
			into[name] = asJSON(t)
		}
	}
}

func asJSON(value any) string {
	body, err := json.Marshal(value)
	if err != nil {
		panic("policy: " + err.Error()) // it came from JSON
	}
	return string(body)
}
