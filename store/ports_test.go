package store_test

import (
	"kapflow/activities"
	"kapflow/desk"
	"kapflow/messaging"
	"kapflow/store"
)

// The ports are the contract with the rooms that use this one.
var (
	_ activities.Records     = (*store.Store)(nil)
	_ activities.Register    = (*store.Store)(nil)
	_ desk.Store             = (*store.Store)(nil)
	_ messaging.MailboxStore = (*store.Store)(nil)
)
