package config

import "kapflow/keyring"

// Keys are the keys of a variable such as KAPFLOW_FIELD_KEYS: "id:key,id2:key2", the current one first. They print as
// a Secret.
type Keys struct {
	Secret
	ring keyring.Ring
}

// Ring returns the keys. It is empty if the variable is not set.
func (k Keys) Ring() keyring.Ring { return k.ring }

// UnmarshalText reads the list. Its error joins all faults of the list and quotes no key.
func (k *Keys) UnmarshalText(text []byte) (err error) {
	k.Secret = NewSecret(string(text))
	k.ring, err = keyring.Parse(string(text))
	return err
}

// Key is one key of 32 bytes, in base64 or hex. It prints as a Secret.
type Key struct {
	Secret
	bytes []byte
}

// Bytes gives a copy of the secret key.
func (k Key) Bytes() []byte { return append([]byte(nil), k.bytes...) }

// UnmarshalText reads the key; its error does not quote it.
func (k *Key) UnmarshalText(text []byte) (err error) {
	k.Secret = NewSecret(string(text))
	k.bytes, err = keyring.ParseKey(string(text))
	return err
}
