package messaging

import "time"

// Hurry shortens the sender's time limit, for tests of providers that hang.
func (t *Twilio) Hurry(d time.Duration) { t.patience = d }

// Hurry shortens the sender's time limit, for tests of providers that hang.
func (s *SendGrid) Hurry(d time.Duration) { s.patience = d }

// Patience is how long one call may take.
const Patience = patience
