// Package config turns the environment and secret files into typed settings.
//
// It reports all faults at once, each with its variable and what to do. The Settings struct defines every variable:
// parsing, checks and .env.example all follow from it.
//
// Temporal's own library reads the TEMPORAL_… variables, so its documentation applies. This package only lists them.
package config
