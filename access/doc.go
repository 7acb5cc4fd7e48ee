// Package access knows who somebody is and what they may do: people of the practice, who signed in or whom an operating-system
// user stands for, and the machines that act for themselves. A Person can only be made here, so whoever holds one was verified;
// persons_test.go at the top of the repository holds who may make which.
package access
