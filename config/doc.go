// Package config turns the environment and secret files into typed settings.
//
// Every fault is reported at once, each naming its variable and its remedy, so that setting up a practice takes one
// round and not one round a mistake. Every variable stands in one place, the Settings struct: what reads it, what
// checks it and .env.example all come from there.
//
// Where Temporal is (TEMPORAL_…) is read by Temporal's own library, so that its documentation holds here too; this
// package only lists those variables.
package config
