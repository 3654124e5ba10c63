package load

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leaklab/leaklab/harness"
)

// Template is a request whose method, path, header values and body may hold
// placeholders.
type Template struct {
	method, path, body text
	header             []headerText
	// same is the header of every request, nil where it has placeholders.
	same http.Header
	// secrets is the values of the environment that it holds.
	secrets []string
	// accept is the statuses of 400 and above that answer it as well.
	accept []int
}

type headerText struct {
	name   string
	values []text
}

// NewTemplate reads the placeholders of a request: {{seq}}, {{rand N}}, {{uuid}}
// and {{env NAME}}, whose value is asked for now. A body that is not UTF-8 has
// none. It reports what cannot be sent: a method that is no token, a path that
// does not begin with a slash, a header that HTTP does not know.
func NewTemplate(r harness.Request, env func(name string) (string, bool)) (Template, error) {
	var t Template
	var errs []error
	noted := func(name string) (string, bool) {
		value, ok := env(name)
		t.secrets = append(t.secrets, value)
		return value, ok
	}
	read := func(field, s string) text {
		parsed, err := parseText(s, noted)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", field, err))
		}
		return parsed
	}
	t.method, t.path = read("method", r.Method), read("url", r.Path)
	if utf8.Valid(r.Body) {
		t.body = read("body", string(r.Body))
	} else {
		t.body = text{{literal: string(r.Body)}}
	}
	fixed := true
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		h := headerText{name: http.CanonicalHeaderKey(name)}
		for _, value := range r.Header[name] {
			v := read("header "+name, value)
			h.values = append(h.values, v)
			fixed = fixed && v.fixed()
		}
		t.header = append(t.header, h)
	}
	if len(errs) > 0 {
		return Template{}, errors.Join(errs...)
	}
	// What placeholders fill in is letters, digits and dashes: if one request can
	// be sent, all can.
	example := t.request(0)
	if fixed {
		t.same = example.Header
	}
	if err := valid(example); err != nil {
		return t, errors.New(hide(err.Error(), t.secrets))
	}
	return t, nil
}

// request is the i-th request of a stream.
func (t Template) request(i int) harness.Request {
	// The second number only tells this use of the generator from others.
	numbers := rand.New(rand.NewPCG(uint64(i), 0x6c65616b6c6162))
	r := harness.Request{
		Method:  string(t.method.fill(nil, i, numbers)),
		Path:    string(t.path.fill(nil, i, numbers)),
		Header:  t.same,
		Secrets: t.secrets,
	}
	if t.same == nil && len(t.header) > 0 {
		r.Header = make(map[string][]string, len(t.header))
		for _, h := range t.header {
			for _, v := range h.values {
				r.Header[h.name] = append(r.Header[h.name], string(v.fill(nil, i, numbers)))
			}
		}
	}
	r.Body = t.body.fill(nil, i, numbers)
	return r
}

// valid reports what net/http would refuse to send.
func valid(r harness.Request) error {
	var errs []error
	if !isToken(r.Method) {
		errs = append(errs, fmt.Errorf("method %.40q: want a token, such as GET", r.Method))
	}
	if u, err := url.ParseRequestURI(r.Path); err != nil || u.Host != "" || !strings.HasPrefix(r.Path, "/") {
		errs = append(errs, errors.New("url: want a path that begins with a slash"))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if !isToken(name) {
			errs = append(errs, fmt.Errorf("header %.40q: want a token as its name", name))
		}
		for _, value := range r.Header[name] {
			if strings.ContainsFunc(value, isControl) {
				errs = append(errs, fmt.Errorf("header %s: its value holds a control character", name))
			}
		}
	}
	return errors.Join(errs...)
}

// isToken tells whether s is a token of RFC 9110, as methods and header names
// are.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// Templates is a stream of requests in turn: the i-th request of the stream is
// that of template i mod n, with i for {{seq}}. It must not be empty.
type Templates []Template

// Request makes the i-th request.
func (t Templates) Request(i int) harness.Request { return t[i%len(t)].request(i) }

// Accepting is the same stream, to which these statuses are answers too, as 404 is
// of a service that is asked for what is not there.
func (t Templates) Accepting(statuses []int) Templates {
	all := slices.Clone(t)
	for i := range all {
		all[i].accept = statuses
	}
	return all
}

// Check takes a request that is answered with a status of 400 or above for failed,
// unless that is accepted: what was asked for was not done. Nothing is known of what
// others should say.
func (t Templates) Check(i, status int, _ []byte) harness.Answer {
	if status >= http.StatusBadRequest && !slices.Contains(t[i%len(t)].accept, status) {
		return harness.Failed
	}
	return harness.Unchecked
}

// From is the stream without its first requests: number 0 is that of the number
// first.
func From(stream harness.Stream, first int) harness.Stream { return from{stream, first} }

type from struct {
	harness.Stream
	first int
}

func (f from) Request(i int) harness.Request { return f.Stream.Request(f.first + i) }

func (f from) Check(i, status int, body []byte) harness.Answer {
	return f.Stream.Check(f.first+i, status, body)
}
