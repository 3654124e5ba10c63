// Package external is backends that somebody else runs: a Redis server, a
// Postgres server, or an SQLite file at a path of the user's. It uses only what
// it found empty, removes only what it made, and never starts or stops a server.
// Package lab asks it to make room for a run before the targets start.
package external
