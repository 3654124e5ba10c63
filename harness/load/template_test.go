package load

import (
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/leaklab/leaklab/harness"
)

// environment is what tests find in the environment.
func environment(name string) (string, bool) {
	value, ok := map[string]string{"TOKEN": "s3cret", "BRACES": "{{seq}}", "LINE": "a\r\nb", "EMPTY": ""}[name]
	return value, ok
}

func template(t testing.TB, r harness.Request) Template {
	t.Helper()
	made, err := NewTemplate(r, environment)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestPlaceholders(t *testing.T) {
	for given, want := range map[string]string{
		"":                             "^$",
		"plain } text {}":              "^plain } text {}$",
		"/items/{{seq}}":               "^/items/41$",
		"{{ seq }}{{seq}}":             "^4141$",
		"{{rand 1}}{{rand 1}}":         "^00$",
		"{{rand 9223372036854775807}}": `^\d{1,19}$`,
		"{{uuid}}":                     "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
		"Bearer {{env TOKEN}}":         "^Bearer s3cret$",
		"{{env BRACES}}{{env EMPTY}}":  `^\{\{seq\}\}$`,
	} {
		parsed, err := parseText(given, environment)
		if err != nil {
			t.Errorf("%q: %v", given, err)
			continue
		}
		got := string(parsed.fill(nil, 41, rand.New(rand.NewPCG(41, 0))))
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%q is filled as %q, want %s", given, got, want)
		}
	}
}

func TestPlaceholdersThatAreNone(t *testing.T) {
	for given, want := range map[string]string{
		"/items/{{sequence}}":  "column 8: {{sequence}} is no placeholder: did you mean {{seq}}?",
		"{{random 5}}":         "column 1: {{random 5}} is no placeholder: did you mean {{rand N}}?",
		"{{UUID}}":             "did you mean {{uuid}}?",
		"{{Env HOME}}":         "did you mean {{env NAME}}?",
		"{{i}}":                "want one of {{seq}}, {{rand N}}, {{uuid}}, {{env NAME}}",
		"{{}}":                 "want one of {{seq}}",
		"{{seq 3}}":            "did you mean {{seq}}?",
		"{{rand}}":             "did you mean {{rand N}}?",
		"{{rand 0}}":           "want {{rand N}} with a whole number of 1 or more",
		"{{rand 1.5}}":         "want {{rand N}} with a whole number",
		"é{{seq}}{{env NOPE}}": "column 10: {{env NOPE}}: the environment has no such variable",
		"a{{seq":               "column 2: {{ without }}",
	} {
		if _, err := parseText(given, environment); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", given, err, want)
		}
	}
}

func TestARequestSentAgainIsTheSame(t *testing.T) {
	stream := Templates{template(t, harness.Request{
		Method: "{{env TOKEN}}",
		Path:   "/{{rand 1000000}}/{{rand 1000000}}/{{uuid}}",
		Header: map[string][]string{"x-id": {"{{uuid}}", "{{rand 1000000}}"}, "Host": {"shop{{seq}}.example"}, "Accept": {"*/*"}},
		Body:   []byte("{{rand 1000000}} {{uuid}}"),
	})}
	seen := map[string]bool{}
	for i := range 100 {
		first, again := stream.Request(i), stream.Request(i)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("request %d (-first +again):\n%s", i, diff)
		}
		for _, text := range []string{first.Path, string(first.Body), first.Header["X-Id"][0], first.Header["Host"][0]} {
			if seen[text] {
				t.Errorf("request %d: %q came before", i, text)
			}
			seen[text] = true
		}
		if parts := strings.Split(first.Path, "/"); parts[1] == parts[2] {
			t.Errorf("request %d: path %s, want two different numbers", i, first.Path)
		}
	}
}

func TestRandomNumbersAreEven(t *testing.T) {
	stream := Templates{template(t, harness.Request{Method: "GET", Path: "/{{rand 10}}"})}
	counts := map[string]int{}
	for i := range 10_000 {
		counts[stream.Request(i).Path]++
	}
	for path, n := range counts {
		if len(counts) != 10 || n < 850 || n > 1150 {
			t.Errorf("%s came %d times of 10 000 among %d, want about 1 000 among 10", path, n, len(counts))
		}
	}
}

func TestTemplatesTakeTurnsAndNumbersGoOn(t *testing.T) {
	stream := Templates{
		template(t, harness.Request{Method: "GET", Path: "/a/{{seq}}"}),
		template(t, harness.Request{Method: "PUT", Path: "/b/{{seq}}"}),
		template(t, harness.Request{Method: "GET", Path: "/c"}),
	}
	later := From(stream, 4)
	var got []string
	for i := range 4 {
		got = append(got, stream.Request(i).Path, later.Request(i).Path)
	}
	want := []string{"/a/0", "/b/4", "/b/1", "/c", "/c", "/a/6", "/a/3", "/b/7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	for status, want := range map[int]harness.Answer{200: harness.Unchecked, 304: harness.Unchecked, 400: harness.Failed, 429: harness.Failed} {
		if got := later.Check(0, status, nil); got != want {
			t.Errorf("status %d is worth %v, want %v", status, got, want)
		}
	}
}

func TestAHeaderWithoutPlaceholdersIsMadeOnce(t *testing.T) {
	made := template(t, harness.Request{Method: "GET", Path: "/", Header: map[string][]string{"accept": {"*/*"}}})
	r := made.request(1)
	if diff := cmp.Diff(map[string][]string{"Accept": {"*/*"}}, r.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if n := testing.AllocsPerRun(100, func() { made.request(2) }); n > 5 {
		t.Errorf("%v allocations a request, want 5 at most", n)
	}
}

// What a service is to answer counts as an answer, whatever its status; nothing else
// of 400 and above does.
func TestAccepting(t *testing.T) {
	plain := Templates{template(t, harness.Request{Method: "GET", Path: "/"}), template(t, harness.Request{Method: "GET", Path: "/b"})}
	for _, test := range []struct {
		stream harness.Stream
		failed []int
	}{
		{plain, []int{0, 401, 404, 500, 503}},
		{plain.Accepting([]int{404, 503}), []int{0, 401, 500}},
		{From(plain.Accepting([]int{401}), 1), []int{0, 404, 500, 503}},
	} {
		var failed []int
		for i, status := range []int{0, 200, 302, 401, 404, 500, 503} {
			var r Result
			if !r.add(i, &vegeta.Result{Code: uint16(status)}, test.stream) {
				failed = append(failed, status)
			}
		}
		if !slices.Equal(failed, test.failed) {
			t.Errorf("failed are %v, want %v", failed, test.failed)
		}
	}
}

func TestARequestThatCannotBeSent(t *testing.T) {
	good := harness.Request{Method: "GET", Path: "/"}
	for want, change := range map[string]func(r *harness.Request){
		`method "": want a token`:                func(r *harness.Request) { r.Method = "" },
		`method "GE T": want a token`:            func(r *harness.Request) { r.Method = "GE T" },
		`url: want a path`:                       func(r *harness.Request) { r.Path = "" },
		`url: want a path that`:                  func(r *harness.Request) { r.Path = "items" },
		`url: want a path that begins`:           func(r *harness.Request) { r.Path = "http://other.example/" },
		`header "A B": want a token as its name`: func(r *harness.Request) { r.Header = map[string][]string{"A B": {"x"}} },
		`header A: its value holds a control`:    func(r *harness.Request) { r.Header = map[string][]string{"A": {"{{env LINE}}"}} },
		`header A: column 1: {{x}} is no`:        func(r *harness.Request) { r.Header = map[string][]string{"A": {"{{x}}"}} },
		`body: column 2: {{x}} is no`:            func(r *harness.Request) { r.Body = []byte("-{{x}}") },
		`url: column 2: {{ without }}`:           func(r *harness.Request) { r.Path = "/{{" },
		`method: column 1: {{ without }}`:        func(r *harness.Request) { r.Method = "{{" },
	} {
		r := good
		change(&r)
		_, err := NewTemplate(r, environment)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", r, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "a\r\nb") {
			t.Errorf("error %q shows what the environment holds", err)
		}
	}
	binary := harness.Request{Method: http.MethodPost, Path: "/", Body: []byte("\xff{{nothing}}")}
	if got := template(t, binary).request(0).Body; string(got) != string(binary.Body) {
		t.Errorf("binary body %q, want it as it is", got)
	}
}

// FuzzTemplate looks for panics, and for requests that are accepted and cannot be
// sent, whatever their number.
func FuzzTemplate(f *testing.F) {
	f.Add("GET", "/items/{{seq}}?q={{rand 10}}", "X-Id", "{{uuid}}", "body {{env TOKEN}}", 3)
	f.Add("M-SEARCH", "/", "Host", "shop.example", "{{", 0)
	f.Add("{{uuid}}", "/%zz", "A", "\n", "\xff{{x}}", 1<<40)
	f.Fuzz(func(t *testing.T, method, path, name, value, body string, i int) {
		r := harness.Request{Method: method, Path: path, Header: map[string][]string{name: {value}}, Body: []byte(body)}
		made, err := NewTemplate(r, environment)
		if err != nil || i < 0 {
			return
		}
		c, err := NewClient("http://127.0.0.1:1", Templates{made}, Options{Connections: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.request(t.Context(), i); err != nil {
			t.Errorf("%+v was accepted: %v", r, err)
		}
	})
}
