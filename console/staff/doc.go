// Package staff serves the console in which the people of the practice work. Every page has one row in the table of routes, which
// says where it stands and what it asks of the desk. The desk decides who may see it and writes every look and every denial to
// the audit log. The package holds no rule: what may be recorded, what a form needs and what would happen all come from care.
package staff
