// Package embedded is the default backends, with nothing to install: a Redis on
// loopback in the lab's own process, and an SQLite file in a temporary
// directory. Both are outside the targets' processes. It does not pretend to be
// a server's equal: it tells no memory figure for the Redis, and its SQL is
// SQLite's. Package lab starts it before the targets.
package embedded
