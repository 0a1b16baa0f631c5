// Package deploy has no code: it keeps what runs poolserver somewhere, a unit for
// systemd and a Dockerfile, and the tests of both.
package deploy
