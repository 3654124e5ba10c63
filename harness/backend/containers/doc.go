// Package containers is backends of the run's own in containers: a Redis and a
// Postgres of the version that production has, with nothing to install but a
// container engine. Once a server is up, what the variants see is package
// external's work, as for any other server.
//
// It listens on loopback alone, so it refuses an engine of another machine. It
// keeps no container: each is labelled with its owner, is removed when it is
// closed, and after a run that was killed at the next start. Where the image of
// testcontainers' Ryuk is present, that removes them within seconds. Package lab
// asks it for the backends before the targets start.
package containers
