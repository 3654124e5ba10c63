package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/judge"
)

// judge gives the verdicts as they stand and notes what each subject needs next.
// No verdict sticks: what was settled and changes its course is open again.
func (r *run) judge() {
	record := r.parts.Journal.Record()
	standings := make([]Standing, len(record.Variants))
	for i, v := range record.Variants {
		verdict, next := judge.Judge(judge.In(record, i))
		if r.subjects[i].givenUp {
			next = ""
		}
		r.subjects[i].wants, r.subjects[i].verdict = next, verdict
		standings[i] = Standing{Name: v.Name, Verdict: verdict, Next: next, RatePerSecond: r.subjects[i].last.RatePerSecond()}
		if n := len(v.Checkpoints); n > 0 {
			standings[i].LiveHeapBytes = v.Checkpoints[n-1].LiveHeapBytes
		}
	}
	r.report(Progress{Phase: Measuring, Variants: standings})
}

// finish gives the final verdicts with their blame and closes the record.
// Interrupted or not, what was measured is judged.
func (r *run) finish(ctx context.Context, complete bool) error {
	r.report(Progress{Phase: Finishing})
	for _, s := range r.subjects {
		if s != nil && s.load.Requests == 0 {
			r.append(journal.Loaded{Variant: s.variant.Name, Load: s.loadResult()})
		}
	}
	record := r.parts.Journal.Record()
	for i, v := range record.Variants {
		verdict := judge.Final(judge.In(record, i))
		var sites []harness.Blame
		if i < len(r.subjects) && r.subjects[i] != nil {
			s := r.subjects[i]
			r.append(journal.Timeline{Variant: v.Name, Samples: s.takeTimeline()})
			r.append(journal.Loaded{Variant: v.Name, Load: v.Load, Answers: v.Answers, RedisBytes: r.redisBytes(ctx, v.Name)})
			sites = r.blame(ctx, s, verdict)
			r.warnOfLoad(s)
			r.warnOfTraffic(s)
		}
		r.append(journal.Judged{Variant: v.Name, Verdict: verdict, Blame: sites})
	}
	r.append(journal.Finished{Complete: complete, Seconds: time.Since(r.created).Seconds()})
	return r.parts.Journal.Save(r.parts.Journal.Record())
}

// warnOfLoad warns of wrong answers and of checkpoints at which the target did not
// come to rest.
func (r *run) warnOfLoad(s *subject) {
	if a := s.load.Answers(s.variant.FalsePositives); a.Wrong > 0 {
		r.warn("wrong-answers", fmt.Sprintf("%s: %d of %d answers were wrong: what it saves may be what it does not do",
			s.variant.Name, a.Wrong, a.Checked))
	}
	if s.unsettled > 0 {
		r.warn("not-at-rest", fmt.Sprintf("%s: it did not come to rest at %d of %d checkpoints: work in progress was read as live",
			s.variant.Name, s.unsettled, len(s.profiles)))
	}
}

// redisBytes is what the variant's data take in its Redis, where it tells.
func (r *run) redisBytes(ctx context.Context, variant string) *int64 {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTime)
	defer cancel()
	bytes, err := r.backends.RedisBytes(ctx, variant)
	if err != nil {
		r.warn("redis-memory", fmt.Sprintf("variant %q: memory of its Redis: %v", variant, err))
	}
	return bytes
}

// redisTime bounds the question for Redis's memory, which walks its keys.
const redisTime = 5 * time.Second

// append writes an event down. A full disk must not end a run: the record is
// kept in memory.
func (r *run) append(e journal.Event) { r.notSaved(r.parts.Journal.Append(e)) }

// notSaved warns, once, that something could not be written.
func (r *run) notSaved(err error) {
	if err != nil {
		r.unsaved.Do(func() { r.warn("not-saved", err.Error()) })
	}
}

// warn notes something for the reader of the whole run.
func (r *run) warn(code, text string) {
	// The record takes it even where the disk does not.
	_ = r.parts.Journal.Append(journal.Warned{Warning: harness.Warning{Code: code, Text: text}})
	r.note("%s", text)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
