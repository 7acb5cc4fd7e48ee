//go:build race

package care_test

const underRace = true
