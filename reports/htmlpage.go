package reports

import (
	"fmt"
	"html/template"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// htmlPage is what the template shows. Texts are safe but not escaped: the
// template escapes them for where they stand.
type htmlPage struct {
	Policy   string
	Style    template.CSS
	Scripts  []template.JS
	Licences string

	Scenario, About  string
	Started, Seconds string
	Verdict, Because string
	Tone             string
	Answer           htmlAnswer // does it leak
	Rest             string     // and what of the others
	Setup            []string
	Each, Units      string // what growth is told for: "a request" of "requests"
	Budget           []string
	Repeat           string // the command
	Finding          *htmlFinding
	Findings         []htmlFinding // more of them
	Variants         []htmlVariant
	Cut              []string // what is left out
	Tradeoff         htmlGrid
	Places           []htmlPlaces
	Notes            []string
	Facts            [][2]string
	Dir              string
	Data             htmlData
}

// htmlVariant is a variant's row on the first screen and the words beside its
// charts.
type htmlVariant struct {
	ID                int
	Name, Mark, Label string
	Kind              string // leak, over, clean or unsure: the colour of the mark
	Unexpected        bool
	Grows, Says       string
	Fit               string // what the chart of the live heap shows, in words
	Readings          []htmlReading
	MoreReadings      int
	Samples           string // how many are drawn, where not all are
}

// htmlReading is a row of a table of checkpoints.
type htmlReading struct {
	Round, Requests, Seconds, LiveHeap, Objects, Goroutines, RSS string
}

// htmlData is what the charts draw.
type htmlData struct {
	Axis     string       `json:"axis"` // the units of the live heap's
	Variants []htmlSeries `json:"variants"`
	Graphs   []htmlGraph  `json:"graphs"`
}

// htmlSeries is the figures of one variant.
type htmlSeries struct {
	Name string       `json:"name"`
	Kind string       `json:"kind"`
	Heap htmlHeap     `json:"heap"`
	Time htmlTimeline `json:"time"`
}

// newHTMLPage says what a record meant, within limits.
func newHTMLPage(r harness.Record, o Options, l limits, s shell) htmlPage {
	v := newView(r, o)
	all := r.Variants
	r.Variants = r.Variants[:min(l.variants, len(r.Variants))]
	p := htmlPage{
		Policy: s.policy, Style: s.style, Scripts: s.scripts, Licences: s.licences,
		Scenario: safe(r.Scenario), About: safe(r.Spec.About),
		Seconds: v.seconds, Verdict: v.verdict, Because: v.because, Tone: toneNames[v.tone],
		Answer: answer(r.SelfTest, all), Rest: rest(all),
		Setup: v.head[1:], Each: axisOf(r).each(), Units: axisOf(r).units(), Budget: v.budget, Repeat: repeatCommand(r), Facts: v.facts, Dir: v.dir,
		Tradeoff: htmlTradeoff(r), Data: htmlData{Axis: axisOf(r).units()},
	}
	if !r.StartedAt.IsZero() {
		p.Started = r.StartedAt.UTC().Format("2 January 2006, 15:04 MST")
	}
	if hidden := len(all) - len(r.Variants); hidden > 0 {
		p.Cut = append(p.Cut, fmt.Sprintf("%s more variants are in the record only.", harness.FormatCount(float64(hidden))))
	}
	for _, n := range v.notes[:min(l.texts, len(v.notes))] {
		p.Notes = append(p.Notes, n.String())
	}
	if hidden := len(v.notes) - len(p.Notes); hidden > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s more are in the record only.", harness.FormatCount(float64(hidden))))
	}
	p.addFindings(r, o, l)
	for i, result := range r.Variants {
		p.addVariant(r, result, i, l.share(len(r.Variants)))
	}
	p.addPlaces(r, o, l)
	return p
}

// share is what each of n variants gets of the limits.
func (l limits) share(n int) limits {
	l.points, l.readings = max(2, l.points/n), max(1, l.readings/n)
	return l
}

// addVariant adds a variant's row and its charts.
func (p *htmlPage) addVariant(r harness.Record, v harness.Result, id int, l limits) {
	heap := newHTMLHeap(r, v, l.points)
	timeline := newHTMLTimeline(v.Timeline, l.points)
	row := htmlVariant{
		ID: id, Name: safe(v.Name), Mark: kindMarks[kindOf(v)], Label: label(v), Kind: kindOf(v), Unexpected: !v.AsExpected,
		Grows: grows(v.Verdict), Says: says(v), Fit: heap.inWords(v),
	}
	for _, c := range v.Checkpoints[:min(l.readings, len(v.Checkpoints))] {
		row.Readings = append(row.Readings, htmlReading{
			Round: safe(string(c.Round.OrDefault())), Requests: harness.FormatCount(float64(c.Requests)), Seconds: span(c.AtSeconds),
			LiveHeap: harness.FormatCount(float64(c.LiveHeapBytes)), Objects: harness.FormatCount(float64(c.LiveObjects)),
			Goroutines: harness.FormatCount(float64(c.Goroutines)), RSS: known(c.RSSBytes, bytesOf),
		})
	}
	row.MoreReadings = len(v.Checkpoints) - len(row.Readings)
	if drawn := len(timeline.Seconds); drawn < len(v.Timeline) {
		row.Samples = fmt.Sprintf("%s of %s samples are drawn: the smallest and the largest of each curve in even spans of time",
			harness.FormatCount(float64(drawn)), harness.FormatCount(float64(len(v.Timeline))))
	}
	p.Variants = append(p.Variants, row)
	p.Data.Variants = append(p.Data.Variants, htmlSeries{Name: row.Name, Kind: row.Kind, Heap: heap, Time: timeline})
}

// addFindings adds a card for every variant that did not pass, what is not as
// expected first.
func (p *htmlPage) addFindings(r harness.Record, o Options, l limits) {
	var found []harness.Result
	for _, v := range r.Variants {
		if v.Verdict.Outcome != harness.Pass || v.Death != nil {
			found = append(found, v)
		}
	}
	slices.SortStableFunc(found, func(a, b harness.Result) int { return urgency(a) - urgency(b) })
	for _, v := range found {
		p.Findings = append(p.Findings, newHTMLFinding(r, v, o, l))
	}
	if len(p.Findings) > 0 {
		p.Finding, p.Findings = &p.Findings[0], p.Findings[1:]
		if p.Answer.Amount != "" {
			p.Finding.Amount = "" // the answer has it
		}
	}
}

// urgency orders findings: leaks that nobody expected, other failures, leaks that
// were expected, what is not known.
func urgency(v harness.Result) int {
	switch {
	case v.Verdict.Outcome != harness.Fail:
		return 3
	case v.AsExpected:
		return 2
	case v.Verdict.Class.Leaks():
		return 0
	}
	return 1
}

// toneNames are the style's classes.
var toneNames = map[tone]string{plain: "plain", good: "good", bad: "bad", unsure: "unsure"}

// kindMarks stand beside the words of a verdict, so that the colour is not alone.
var kindMarks = map[string]string{"leak": "✕", "over": "▲", "clean": "✓", "unsure": "?"}

// kindOf is what a verdict says of the variant itself, whatever was expected.
func kindOf(v harness.Result) string {
	switch {
	case v.Verdict.Outcome == harness.Pass:
		return "clean"
	case v.Verdict.Outcome != harness.Fail:
		return "unsure"
	case v.Verdict.Class.Leaks():
		return "leak"
	}
	return "over"
}
