package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/pprof/profile"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/blame"
	"github.com/leaklab/leaklab/harness/journal"
	"github.com/leaklab/leaklab/harness/judge"
)

// judge gives the verdicts as they stand and tells whether all are settled. No
// verdict sticks: what was settled and changes its course is open again.
func (r *run) judge() bool {
	record := r.parts.Journal.Record()
	all := true
	standings := make([]Standing, len(record.Variants))
	for i, v := range record.Variants {
		verdict, settled := judge.Judge(judge.Of(record.Spec, v))
		all = all && settled
		standings[i] = Standing{Name: v.Name, Verdict: verdict, Settled: settled}
		if n := len(v.Checkpoints); n > 0 {
			standings[i].LiveHeapBytes = v.Checkpoints[n-1].LiveHeapBytes
		}
	}
	r.report(Progress{Phase: Measuring, Variants: standings})
	return all
}

// finish gives the final verdicts with their blame and closes the record.
// Interrupted or not, what was measured is judged.
func (r *run) finish(ctx context.Context, complete bool) error {
	r.report(Progress{Phase: Finishing})
	for i, v := range r.parts.Journal.Record().Variants {
		verdict := judge.Final(judge.Of(r.plan.Scenario, v))
		var sites []harness.Blame
		if i < len(r.subjects) && r.subjects[i] != nil {
			s := r.subjects[i]
			r.append(journal.Timeline{Variant: v.Name, Samples: s.takeTimeline()})
			r.append(journal.Loaded{Variant: v.Name, Load: v.Load, Answers: v.Answers, RedisBytes: r.redisBytes(ctx, v.Name)})
			var err error
			if sites, err = s.blame(); err != nil {
				verdict.Warnings = append(verdict.Warnings, harness.Warning{Code: "no-blame", Text: err.Error()})
			}
		}
		r.append(journal.Judged{Variant: v.Name, Verdict: verdict, Blame: sites})
	}
	r.append(journal.Finished{Complete: complete, Seconds: time.Since(r.created).Seconds()})
	return r.parts.Journal.Save(r.parts.Journal.Record())
}

// maxSites bounds the allocation sites in the record: the first few hold the
// growth, the rest is noise of sampling.
const maxSites = 20

// blame is the allocation sites by growth between the first and the last
// checkpoint.
func (s *subject) blame() ([]harness.Blame, error) {
	if s.completed == 0 || s.profiles[0] == nil {
		return nil, nil
	}
	var profiles [2]*profile.Profile
	for i, data := range s.profiles {
		p, err := blame.Read(data)
		if err != nil {
			return nil, err
		}
		profiles[i] = p
	}
	return blame.Sites(profiles[0], profiles[1], s.completed, blame.Options{Limit: maxSites}), nil
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

// note tells whoever follows the progress.
func (r *run) note(format string, args ...any) {
	r.report(Progress{Phase: Measuring, Note: fmt.Sprintf(format, args...)})
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
