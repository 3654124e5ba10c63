package reports

import (
	"cmp"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// htmlGraph is a flame graph of what grew and what shrank in a variant: between
// the first profile and the last.
type htmlGraph struct {
	Variant int        `json:"variant"`
	Unit    string     `json:"unit"` // bytes or goroutines
	Root    *htmlFrame `json:"root"`
}

// htmlFrame is a function, called by the one that it is a child of.
type htmlFrame struct {
	Name string `json:"n"`
	// Size is how wide the frame is: what grew plus what shrank. Delta is the
	// growth: Size where nothing shrank.
	Size     int64        `json:"v"`
	Delta    int64        `json:"d"`
	Children []*htmlFrame `json:"c,omitempty"`

	depth  int
	byName map[string]*htmlFrame
}

// newHTMLGraphs draws a variant's growth in bytes, and that in goroutines where
// there is any: at most so many frames, the widest.
func newHTMLGraphs(v harness.Result, id, frames int) []htmlGraph {
	var graphs []htmlGraph
	for _, unit := range []struct {
		name string
		of   func(harness.Blame) int64
	}{
		{"bytes", func(b harness.Blame) int64 { return b.GrowthBytes }},
		{"goroutines", func(b harness.Blame) int64 { return b.GrowthGoroutines }},
	} {
		root := &htmlFrame{Name: "all growth"}
		for _, b := range v.Blame {
			if growth := unit.of(b); growth != 0 {
				root.add(b, growth)
			}
		}
		if root.Size > 0 {
			root.prune(frames)
			graphs = append(graphs, htmlGraph{Variant: id, Unit: unit.name, Root: root})
		}
	}
	return graphs
}

// maxDepth bounds the frames of a stack in a graph; the runtime's profiles have
// 128 at most.
const maxDepth = 128

// add adds the growth of a site to the frames of its stack, callers first.
func (f *htmlFrame) add(b harness.Blame, growth int64) {
	f.count(growth)
	at := f
	for i := len(b.Stack) - 1; i >= 0 && at.depth < maxDepth; i-- {
		at = at.child(b.Stack[i].Function)
		at.count(growth)
	}
	if len(b.Stack) == 0 {
		f.child(b.Function).count(growth)
	}
}

func (f *htmlFrame) count(growth int64) {
	f.Delta = added(f.Delta, growth)
	f.Size = added(f.Size, max(growth, -growth))
}

// added is a sum that stays within what JavaScript counts exactly, whatever a
// record says.
func added(a, b int64) int64 {
	const most = 1 << 53
	return min(max(min(max(a, -most), most)+min(max(b, -most), most), -most), most)
}

func (f *htmlFrame) child(name string) *htmlFrame {
	if c, known := f.byName[name]; known {
		return c
	}
	if f.byName == nil {
		f.byName = map[string]*htmlFrame{}
	}
	c := &htmlFrame{Name: name, depth: f.depth + 1}
	f.byName[name] = c
	f.Children = append(f.Children, c)
	return c
}

// prune keeps the widest frames, no more than so many, and makes their names fit
// to be shown. A frame is never wider than its caller, so that what is kept is a
// tree.
func (f *htmlFrame) prune(most int) {
	all := []*htmlFrame{f}
	for i := 0; i < len(all); i++ {
		all = append(all, all[i].Children...)
	}
	slices.SortStableFunc(all, func(a, b *htmlFrame) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.depth, b.depth))
	})
	kept := map[*htmlFrame]bool{}
	for _, frame := range all[:min(most, len(all))] {
		kept[frame] = true
	}
	for frame := range kept {
		frame.Name = shortFunction(frame.Name)
		frame.Children = slices.DeleteFunc(frame.Children, func(c *htmlFrame) bool { return !kept[c] })
		slices.SortStableFunc(frame.Children, func(a, b *htmlFrame) int { return cmp.Compare(b.Size, a.Size) })
	}
}
