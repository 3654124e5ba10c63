package reports

import (
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestPlace(t *testing.T) {
	e := harness.Environment{SourceRoot: "/home/dev/shop/", ModulePath: "example.org/shop"}
	for file, want := range map[string]string{
		"":                                unknown,
		"/home/dev/shop/fraud/check.go":   "fraud/check.go:7",
		"/home/dev/shopping/check.go":     "/home/dev/shopping/check.go:7",
		"example.org/shop/fraud/check.go": "fraud/check.go:7",
		"/home/dev/go/pkg/mod/a.org/b@v1.2.0/b.go": "a.org/b@v1.2.0/b.go:7",
		"/usr/local/go/src/net/http/server.go":     "net/http/server.go:7",
	} {
		if got := placeOf(file, 7, e).String(); got != want {
			t.Errorf("%q is shown as %q, want %q", file, got, want)
		}
	}
	windows := harness.Environment{SourceRoot: `C:\dev\shop`}
	if got := placeOf("C:/dev/shop/a.go", 7, windows).String(); got != "a.go:7" {
		t.Errorf("on Windows: %q, want a.go:7", got)
	}
}

func TestPlaceURL(t *testing.T) {
	const blob = "https://github.com/dev/shop/blob/29249d3"
	for _, test := range []struct {
		place  place
		o      Options
		want   string
		linked string
	}{
		{place{inModule, "a.go", 7}, Options{SourceURL: blob}, blob + "/a.go#L7", "[x](" + blob + "/a.go#L7)"},
		{place{inModule, "a b|c>.go", 7}, Options{SourceURL: blob + "/", Subdir: "/sub/dir/"}, blob + "/sub/dir/a%20b%7Cc%3E.go#L7",
			"[x](" + blob + "/sub/dir/a%20b%7Cc%3E.go#L7)"},
		{place{inModule, "a.go", 7}, Options{SourceURL: "https://a|b> (c)"}, "https://a|b> (c)/a.go#L7", "[x](https://a%7Cb%3E%20%28c%29/a.go#L7)"},
		{place{inModule, "a.go", 7}, Options{}, "", "x"},
		{place{inCache, "a.org/b@v1/b.go", 7}, Options{SourceURL: blob}, "", "x"},
		{place{inModule, "", 7}, Options{SourceURL: blob}, "", "x"},
	} {
		got := test.place.url(test.o)
		if got != test.want {
			t.Errorf("%v, %v: the URL is %q, want %q", test.place, test.o, got, test.want)
		}
		if link := linked("x", got); link != test.linked {
			t.Errorf("%v, %v: the link is %s, want %s", test.place, test.o, link, test.linked)
		}
	}
}
