package blame

import (
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestParseCreators(t *testing.T) {
	c := parseCreators([]byte(stacksText))
	for name, test := range map[string]struct {
		stack []harness.Frame
		want  harness.Frame // at the end; none: the stack as it is
	}{
		"the same functions":         {[]harness.Frame{gopark, sending}, notify},
		"another line of it":         {[]harness.Frame{gopark, waiting}, notify},
		"the same outermost one":     {[]harness.Frame{gopark, check, working}, newPool},
		"the first goroutine":        {[]harness.Frame{{Function: "shop.main"}}, harness.Frame{}},
		"one that is not there":      {[]harness.Frame{gopark, check}, harness.Frame{}},
		"nothing but the runtime's":  {[]harness.Frame{gopark}, harness.Frame{}},
		"below the standard library": {[]harness.Frame{goEntry}, harness.Frame{Function: "sync.(*WaitGroup).Go", File: "/usr/local/go/src/sync/waitgroup.go", Line: 238}},
	} {
		got := c.complete(test.stack)
		known := test.want != harness.Frame{}
		if known && (len(got) != len(test.stack)+1 || got[len(got)-1] != test.want) || !known && len(got) != len(test.stack) {
			t.Errorf("%s: %v, want %v at its end", name, got, test.want)
		}
	}
}

func TestCreatorsOfAllForms(t *testing.T) {
	for name, c := range map[string]struct{ text, entry, want string }{
		"type arguments": {"main.work[...](...)\n\t/m.go:3\ncreated by main.start[...] in goroutine 1\n\t/m.go:4 +0x76\n", "main.work[go.shape.int]", "main.start[...] /m.go"},
		"before Go 1.21": {"main.work()\n\t/m.go:3 +0x1\ncreated by main.start\n\t/m.go:4 +0x76\n", "main.work", "main.start /m.go"},
		"on Windows":     {"main.work()\n\tC:/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\tC:/m.go:4 +0x76\n", "main.work", "main.start C:/m.go"},
		"elided":         {"main.a()\n\t/m.go:3 +0x1\n...17 frames elided...\nmain.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\t/m.go:4\n", "main.work", "main.start /m.go"},
		"an ancestor": {"main.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\t/m.go:4 +0x76\n" +
			"[originating from goroutine 1]:\nmain.main(...)\n\t/m.go:9\ncreated by main.early\n\t/m.go:8\n", "main.work", "main.start /m.go"},
		"cut off in the line":   {"main.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\t/m.go:4", "main.work", ""},
		"cut off before it":     {"main.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n", "main.work", ""},
		"a line of no position": {"main.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\t/m.go:x +0x76\n", "main.work", ""},
		"no goroutine":          {"\nmain.work()\n\t/m.go:3 +0x1\n", "main.work", ""},
	} {
		creators := parseCreators([]byte("goroutine 7 [select]:\n" + c.text))
		got, _ := creators.byEntry[withoutTypeArguments(c.entry)].most()
		if text := strings.TrimSpace(got.Function + " " + got.File); text != c.want || c.want != "" && got.Line != 4 {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

func TestMostGoroutinesDecide(t *testing.T) {
	one := "goroutine 7 [select]:\nmain.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\t/m.go:4 +0x76\n\n"
	other := strings.ReplaceAll(one, "start", "also")
	for text, want := range map[string]string{one + other: "main.also", one + other + one: "main.start"} {
		got := parseCreators([]byte(text)).complete([]harness.Frame{{Function: "main.work"}})
		if len(got) != 2 || got[1].Function != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}

// Workers that wait for work must not hide those that are stuck.
func TestGoroutinesAreFoundByAllTheirFunctions(t *testing.T) {
	idle := "goroutine 7 [chan receive]:\nmain.work()\n\t/m.go:3 +0x1\ncreated by main.start in goroutine 1\n\t/m.go:4 +0x76\n\n"
	stuck := "goroutine 8 [chan send]:\nmain.report()\n\t/m.go:9 +0x1\nmain.work()\n\t/m.go:5 +0x1\ncreated by main.also in goroutine 1\n\t/m.go:6 +0x76\n"
	c := parseCreators([]byte(idle + idle + stuck))
	report, work := harness.Frame{Function: "main.report"}, harness.Frame{Function: "main.work"}
	if got := c.complete([]harness.Frame{gopark, report, work}); got[len(got)-1].Function != "main.also" {
		t.Errorf("%v, want main.also at its end", got)
	}
}

func TestGoroutinesWithoutFunctions(t *testing.T) {
	c := parseCreators([]byte("goroutine 7 [select]:\ncreated by main.start in goroutine 1\n\t/m.go:4 +0x76\n"))
	if got := c.complete([]harness.Frame{gopark}); len(got) != 1 {
		t.Errorf("%v, want no creator: nothing tells whose it is", got)
	}
}

func TestTextBeyondTheLimitIsNotRead(t *testing.T) {
	text := strings.Repeat("\n", maxStacksBytes) + stacksText
	if c := parseCreators([]byte(text)); len(c.byEntry) != 0 {
		t.Errorf("%v, want nothing", c.byEntry)
	}
}

func FuzzParseCreators(f *testing.F) {
	f.Add([]byte(stacksText))
	f.Add([]byte(stacksText[:len(stacksText)/2]))
	f.Add([]byte("goroutine 1 [\xff]:\n(\n\t:0\ncreated by  in goroutine \n\t:1 +0x\n"))
	f.Add([]byte("goroutine 1\ncreated by a\n\tb:99999999999999999999\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := parseCreators(text)
		for entry, creators := range c.byEntry {
			frame, found := creators.most()
			if !found || frame.Function == "" || frame.File == "" || frame.Line <= 0 {
				t.Errorf("%q is created by %+v, want a function and its position", entry, frame)
			}
		}
		c.complete([]harness.Frame{gopark, sending})
	})
}
