package load

import (
	"errors"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/harness"
)

// reader reads requests to a service, with the files that a test has.
func reader(files map[string]string) RequestReader {
	return RequestReader{
		Service: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"},
		Env:     environment,
		Open: func(name string) (io.ReadCloser, error) {
			content, ok := files[name]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return io.NopCloser(strings.NewReader(content)), nil
		},
	}
}

// first is the first requests of a stream.
func first(stream harness.Stream, n int) []harness.Request {
	var list []harness.Request
	for i := range n {
		list = append(list, stream.Request(i))
	}
	return list
}

func TestOneLine(t *testing.T) {
	for line, want := range map[string]harness.Request{
		"GET /items/{{seq}}":                             {Method: "GET", Path: "/items/5"},
		"  DELETE   /x ":                                 {Method: "DELETE", Path: "/x"},
		"m-search /a?b={{seq}}":                          {Method: "m-search", Path: "/a?b=5"},
		"GET http://127.0.0.1:8080/y?u=http://h/":        {Method: "GET", Path: "/y?u=http://h/"},
		"GET HTTP://127.0.0.1:8080":                      {Method: "GET", Path: "/"},
		"GET http://127.0.0.1:8080?a={{seq}}":            {Method: "GET", Path: "/?a=5"},
		"GET /redirect?to=https://other.example/{{seq}}": {Method: "GET", Path: "/redirect?to=https://other.example/5"},
	} {
		made, err := reader(nil).Line(line)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if diff := cmp.Diff(want, made.request(5)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
	for line, want := range map[string]string{
		"":                            "want a method and a URL",
		"/items":                      "want a method and a URL",
		"/items?token=hunter2":        "want a method and a URL",
		"GET http://h/?token=hunter2": "url: want a path, or a URL of http://127.0.0.1:8080",
		"GET items?token=hunter2":     "url: want a path that begins with a slash",
		"GET items":                   "want a path that begins with a slash",
		"GET http://other.example/":   "want a path, or a URL of http://127.0.0.1:8080",
		"GET https://127.0.0.1:8080/": "want a path, or a URL of http://127.0.0.1:8080",
		"GET http://u@127.0.0.1:8080": "want a path, or a URL of http://127.0.0.1:8080",
		"GET /{{sec}}":                "url: column 2: {{sec}} is no placeholder: did you mean {{seq}}?",
	} {
		if _, err := reader(nil).Line(line); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v, want %s and nothing of the line", line, err, want)
		}
	}
}

func TestWholeURLsOfAServiceBelowAPath(t *testing.T) {
	r := reader(nil)
	r.Service = &url.URL{Scheme: "http", Host: "h", Path: "/shop/"}
	for address, want := range map[string]string{
		"/x":             "/x",
		"http://h/shop":  "/",
		"http://h/shop/": "/", "http://h/shop?q=1": "/?q=1",
		"http://h/shop/x/{{seq}}": "/x/5",
	} {
		made, err := r.Line("GET " + address)
		if err != nil || made.request(5).Path != want {
			t.Errorf("%s: path %q, %v; want %s", address, made.request(5).Path, err, want)
		}
	}
	for _, address := range []string{"http://h/", "http://h/shopping", "http://h/other/shop"} {
		if _, err := r.Line("GET " + address); err == nil || !strings.Contains(err.Error(), "or a URL of http://h/shop") {
			t.Errorf("%s: %v, want it refused", address, err)
		}
	}
}

func TestHTTPFormat(t *testing.T) {
	const file = `
# all that the format has
GET http://127.0.0.1:8080/a
PURGE /b/{{seq}}
POST /c
Content-Type: application/json
X-Id:{{seq}}
# a comment between
X-Id: two: colons
@order.json

PUT /d
Host: shop.example

GET /e`
	list, err := reader(map[string]string{"order.json": `{"id": {{seq}}}`}).File("requests.txt", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []harness.Request{
		{Method: "GET", Path: "/a"},
		{Method: "PURGE", Path: "/b/1"},
		{Method: "POST", Path: "/c", Header: map[string][]string{"Content-Type": {"application/json"}, "X-Id": {"2", "two: colons"}}, Body: []byte(`{"id": 2}`)},
		{Method: "PUT", Path: "/d", Header: map[string][]string{"Host": {"shop.example"}}},
		{Method: "GET", Path: "/e"},
	}
	if diff := cmp.Diff(want, first(list, len(list))); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestJSONFormat(t *testing.T) {
	const file = `
{"method": "GET", "url": "/a"}

{"method": "POST", "url": "http://127.0.0.1:8080/b", "header": {"X-Id": ["{{seq}}", "x"]}, "body": "aWQge3tzZXF9fQ=="}`
	list, err := reader(nil).File("requests.json", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []harness.Request{
		{Method: "GET", Path: "/a"},
		{Method: "POST", Path: "/b", Header: map[string][]string{"X-Id": {"1", "x"}}, Body: []byte("id 1")},
	}
	if diff := cmp.Diff(want, first(list, len(list))); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestMistakesInAFile(t *testing.T) {
	files := map[string]string{"large": strings.Repeat("x", maxRequestBody+1), "bad": "{{x}}"}
	for name, test := range map[string]struct{ file, want string }{
		"empty":               {"", "f:0: no request in it"},
		"comments alone":      {"# a\n\n", "f:2: no request in it"},
		"no URL":              {"\nGET\n", `f:2: want a method and a URL`},
		"another host":        {"GET /a\n\nGET http://other.example/\n", "f:3: url"},
		"no header":           {"GET /a\nAccept\n", "f:2: want a header"},
		"a header of nothing": {"GET /a\nAccept:\n", "f:2: want a header"},
		"a bad header":        {"GET /a\nA\x01B: x\n", `f:1: header "A\x01B": want a token`},
		"no body":             {"GET /a\n@nowhere\n", "f:2: body: open nowhere: file does not exist"},
		"a large body":        {"GET /a\n@large\n", "f:2: body: large is larger than 2097152 bytes"},
		"a bad body":          {"GET /a\nA: b\n@bad\n", "f:1: body: column 1: {{x}} is no placeholder"},
		"a long line":         {"GET /" + strings.Repeat("x", maxRequestLine), "f:1: line is longer than 4194304 bytes"},
		"too many":            {strings.Repeat("GET /\n", maxRequests+1), "f:100001: more than 100000 requests"},
		"an unknown key":      {`{"method": "GET", "url": "/", "timeout": 3}`, `f:1: json: unknown field "timeout"`},
		"no object":           {"{\"method\": \"GET\", \"url\": \"/\"}\n[]", "f:2: json: cannot unmarshal array"},
		"half an object":      {`{"method": "GET"`, "f:1: unexpected EOF"},
		"two objects":         {`{"method": "GET", "url": "/"}{}`, "f:1: more than one JSON object"},
		"no base64":           {`{"method": "GET", "url": "/", "body": "!"}`, "f:1: illegal base64"},
		"no method":           {`{"url": "/"}`, `f:1: method ""`},
	} {
		_, err := reader(files).File("f", strings.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
		if _, ok := errors.AsType[*SyntaxError](err); !ok {
			t.Errorf("%s: error %T, want a syntax error", name, err)
		}
	}
	broken := errors.New("disk is gone")
	_, err := reader(nil).File("f", io.MultiReader(strings.NewReader("GET /a\n"), failing{broken}))
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the file", err)
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestIsLocal(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:1": true, "https://[::1]/": true, "http://localhost": true, "http://192.0.2.1": false, "http://localhost.example": false, "http://[": false,
	} {
		if IsLocal(address) != want {
			t.Errorf("%s is local: %v", address, !want)
		}
	}
}

// FuzzRequests looks for panics, and for files whose requests cannot be made.
func FuzzRequests(f *testing.F) {
	for _, file := range []string{
		"GET /a\nA: b\n@body\n\nPUT http://127.0.0.1:8080/{{seq}}", "# c\n\nGET /\nGET /", "GET /\n@", "GET /\n:", " \n{\"method\":\"GET\",\"url\":\"/{{rand 3}}\"}",
		`{"method":"POST","url":"/","header":{"Host":["h"]},"body":"e3tzZXF9fQ=="}`, "{", "", "GET  /\r\nA:b\r\n",
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		list, err := reader(map[string]string{"body": "x{{uuid}}"}).File("f", strings.NewReader(file))
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d requests, error %v", len(list), err)
		}
		for i := range list {
			if r := list.Request(i); !strings.HasPrefix(r.Path, "/") || !isToken(r.Method) {
				t.Errorf("request %+v was accepted", r)
			}
		}
	})
}
