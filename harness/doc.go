// Package harness holds the nouns of leaklab: what a run is made of, as plain
// values with no IO. The verbs are its subpackages; package lab joins them.
//
// # The flow
//
//	scenario → targets → load → checkpoints → fit → verdict → blame → record → reports
//
// # Words
//
// The same words stand in code, flags, JSON and reports.
//
//   - scenario: what to run. Case: one defect. Variant: one program of a
//     scenario. Target: its process. Control: a variant that must pass.
//   - segment: a number of requests between two checkpoints. Checkpoint: stop,
//     drain, collect twice, read. Round: what is done between two: fresh
//     requests, the same again (replay), none (idle, rest), as many new ones as
//     the target takes (flood, sampling). Key: what a request is told apart by.
//   - live heap: bytes of reachable objects after a collection. Footprint:
//     resident bytes of the process. Off-heap: what the process holds beyond
//     Go's runtime. Churn: allocated bytes per request.
//   - slope: growth per request, with its interval. Class: the shape of the
//     growth. Driver: what growth is paid per: request, key, connection, time. Budget: what a variant may do. Verdict: pass, fail or
//     inconclusive, with class and reasons.
//   - blame: allocation sites by growth. Fingerprint: identity of a leak across
//     runs and builds. Suppression: a leak that is known and let pass until a
//     date.
//   - planted leak, clean twin: the two programs by which a run tests itself.
//   - journal: a run as it is written down. Record: all of a run, a fold of its
//     journal.
//
// Retained size, dominator and retention path belong to a heap graph; a pprof
// heap profile has in-use bytes per allocation site, sampled.
//
// # Invariants
//
// Checked by [Record.Validate] when a record is written and when it is read.
//
//  1. A record names its schema, and variant names are unique and not empty.
//  2. Within a variant, completed requests and seconds never decrease from one
//     checkpoint to the next.
//  3. No figure is NaN or infinite; what is unknown is null.
//  4. as_expected follows from the verdict, what was expected of it, and whether
//     it is suppressed.
//  5. The outcome of the run follows from the expectations of all variants and
//     from complete: an incomplete run never passes.
//  6. What is suppressed, and what the run showed of each suppression, follows from
//     the scenario's suppressions, the verdicts, the blame and started_at.
//
// The package imports the standard library only.
package harness
