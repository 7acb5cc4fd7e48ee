package clock

// Window is a stretch of the day in whole hours, from Open up to Close.
type Window struct {
	Open  int `json:"open"`
	Close int `json:"close"`
}
