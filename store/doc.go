// Package store is the practice's Postgres: charts, contacts, facts, the journal, slots, the register of
// messages, the ledgers and the audit log.
//
// Three things hold everywhere. Whatever says something about a person is sealed before it leaves this process
// (seal.go), so neither dumps nor the database's files show it. Whatever happens once has a key that Postgres
// keeps unique, so writing it again changes nothing. And every statement runs in a transaction of inTx (tx.go);
// nothing else touches a connection.
package store
