package selftest

import (
	"context"
	"net/http"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/lab"
)

// trial has subjects judged side by side, and gives their verdicts in order.
type trial func(ctx context.Context, subjects ...subject) ([]harness.Verdict, error)

// load settles both verdicts in 15 rounds: the leak is certain after 6 and
// confirmed by 7 replays and 2 idle rounds, while the twin takes 3 × 5 to be
// acquitted. A segment makes the leak stand out from what the runtime may add
// once, 7 objects, in a single round; the rate leaves most of the time to the
// checkpoints.
var load = harness.Load{
	Rate:        4000,
	Connections: 4,
	WarmUp:      200,
	Segment:     40,
	Segments:    harness.Segments{Min: 5, Max: 30},
	MaxTime:     harness.Duration(5 * time.Second),
	Timeout:     harness.Duration(time.Second),
}

// inLab tries subjects as the lab does any variant; nothing of it is written to
// the disk.
func inLab(targets lab.Targets) trial {
	return func(ctx context.Context, subjects ...subject) ([]harness.Verdict, error) {
		plan := lab.Plan{Scenario: harness.Scenario{Name: "self-test", Load: load}, Stream: stream{}, FirstVerdict: true}
		for _, s := range subjects {
			plan.Variants = append(plan.Variants, lab.Variant{Variant: s.Variant})
			plan.Scenario.Variants = append(plan.Scenario.Variants, s.Variant)
		}
		record, err := lab.Run(ctx, plan, lab.Parts{Targets: targets, Journal: journal.InMemory()})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		verdicts := make([]harness.Verdict, len(record.Variants))
		for i, v := range record.Variants {
			verdicts[i] = v.Verdict
		}
		return verdicts, nil
	}
}

// stream asks for the same page again and again.
type stream struct{}

func (stream) Request(int) harness.Request {
	return harness.Request{Method: http.MethodGet, Path: "/"}
}

func (stream) Check(_, status int, body []byte) harness.Answer {
	if status == http.StatusOK && string(body) == answer {
		return harness.Right
	}
	return harness.Wrong
}
