package messaging

import "time"

// Hurry makes a sender's patience short, for tests of providers that hang.
func (t *Twilio) Hurry(d time.Duration) { t.patience = d }

// Hurry makes a sender's patience short, for tests of providers that hang.
func (s *SendGrid) Hurry(d time.Duration) { s.patience = d }

// Patience is how long one call may take.
const Patience = patience
