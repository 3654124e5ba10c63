package judge

import (
	"fmt"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// Growth for each new connection does not show while connections are kept open:
// it is looked for before a target is called clean, by the same requests over
// new connections.
const (
	// minReconnectRounds show whether anything is suspected; an accusation takes at
	// most maxReconnectRounds, for its bound is as strict as any other.
	minReconnectRounds, maxReconnectRounds = 4, 16
	// accusingReconnectRounds are the fewest that accuse: thirteen checkpoints, the
	// last eight of them after more connections than the first ones, so that a table
	// of peers of a usual size is full by then.
	accusingReconnectRounds = 12
	// What a new connection may add: clean programs read −36 to 14 B and up to 0.11
	// objects (26 programs, 2026-11); one kept net.Conn alone is more than 1 KiB in
	// over 10 objects. A goroutine that stays for each connection reads 1.
	bytesPerConnection, objectsPerConnection, goroutinesPerConnection = 64, 0.5, 0.02
)

// reconnect decides growth for each new connection, where nothing else grows. It
// names the round that would tell more; settled says that it found growth.
func (f *finding) reconnect() (next harness.Round, settled bool) {
	e := f.evidence
	series := splice(e.Checkpoints, harness.Reconnect)
	made := len(series) - 1
	if e.NoReplay || e.Last && made < minReconnectRounds {
		return "", false
	}
	if made < minReconnectRounds {
		f.leaveOpen(fewConnectionsReason(made))
		return harness.Reconnect, false
	}
	var suspected, growing []channel
	for _, c := range f.channels {
		if c = c.perConnection(splice(e.Checkpoints, harness.Replay)); c.limit == 0 || !grows(c, series, c.limit, overRequests) {
			continue
		}
		suspected = append(suspected, c)
		c.points = read(c.kind, series)
		if line, ok := trend.TheilSen(c.points, confidence(made-accusingReconnectRounds)); ok && made >= accusingReconnectRounds && line.Low > c.limit && tailGrows(c.points) {
			growing = append(growing, c)
		}
	}
	switch {
	case len(suspected) == 0, len(growing) == 0 && made >= maxReconnectRounds:
		return "", false
	case len(growing) == 0:
		f.leaveOpen(connectionReasons(suspected, series)...)
		return harness.Reconnect, false
	}
	after := sinceLast(e.Checkpoints, harness.Reconnect)
	watched := after[len(after)-1].AtSeconds - after[0].AtSeconds
	if !e.Last && (rounds(after, harness.Rest) == 0 || watched < requestPatience*e.Load.Patience.Seconds()) {
		f.leaveOpen(connectionReasons(growing, series)...)
		return harness.Rest, false
	}
	f.verdict.Driver = harness.PerConnection
	if released(growing, series, after) {
		f.acquit(harness.Delayed, delayedReason(f.fresh))
		return "", true
	}
	f.verdict.Outcome, f.verdict.Class = harness.Fail, accusedClass(growing, f.channels)
	f.verdict.Reasons = connectionReasons(growing, series)
	return "", true
}

// perConnection is the channel with the limit of a request over a new connection:
// what the request itself may add and does, and what the connection may; zero
// where it has none.
func (c channel) perConnection(replay []harness.Checkpoint) channel {
	connection := [...]float64{liveBytes: bytesPerConnection, liveObjects: objectsPerConnection, goroutines: goroutinesPerConnection, offHeap: 0}[c.kind]
	if connection == 0 || !c.fitted {
		c.limit = 0
		return c
	}
	if repeat, ok := trend.TheilSen(read(c.kind, replay), trend.Z99); ok {
		c.line = repeat
	}
	c.limit = connection + max(c.limit, c.line.High)
	return c
}

// sinceLast is the checkpoints from the last of a kind of round on.
func sinceLast(checkpoints []harness.Checkpoint, kind harness.Round) []harness.Checkpoint {
	for i := len(checkpoints) - 1; i > 0; i-- {
		if checkpoints[i].Round.OrDefault() == kind {
			return checkpoints[i:]
		}
	}
	return checkpoints
}

// released tells whether at least half of what new connections added came down
// while nothing was sent, in every channel.
func released(growing []channel, series, after []harness.Checkpoint) bool {
	for _, c := range growing {
		rest := read(c.kind, splice(after, harness.Rest))
		added := c.points[len(c.points)-1].Y - c.points[0].Y
		if len(rest) < 2 || rest[0].Y-rest[len(rest)-1].Y < added/2 {
			return false
		}
	}
	return true
}

func fewConnectionsReason(made int) harness.Reason {
	return harness.Reason{Code: "few-connections", Measured: float64(made), Budget: new(float64(minReconnectRounds)), Unit: "segments",
		Text: fmt.Sprintf("nothing grows over connections that are kept; %d of %d segments over new ones were measured", made, minReconnectRounds)}
}

// connectionReasons says what each new connection leaves.
func connectionReasons(growing []channel, series []harness.Checkpoint) []harness.Reason {
	connections := series[len(series)-1].Requests - series[0].Requests
	reasons := make([]harness.Reason, len(growing))
	for i, c := range growing {
		rate := trend.Rate(read(c.kind, series)) - max(0, c.line.Slope)
		code := [...]string{liveBytes: "slope", liveObjects: "objects", goroutines: "goroutines"}[c.kind]
		unit := [...]string{liveBytes: "bytes/connection", liveObjects: "objects/connection", goroutines: "goroutines/connection"}[c.kind]
		reasons[i] = harness.Reason{Code: code, Measured: rate, Budget: new(c.limit - max(0, c.line.Slope)), Unit: unit,
			Text: fmt.Sprintf("each new connection leaves %s, over %s of them, beside what a request leaves over a kept one",
				c.thing(rate), harness.FormatCount(float64(connections)))}
	}
	return reasons
}
