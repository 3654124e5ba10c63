package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// Caps of a file of requests, in bytes but for the last. Each is far beyond what
// a measurement needs, and keeps a wrong file from taking the machine's memory.
const (
	maxRequestLine  = 4 << 20 // a body in base64
	maxRequestBody  = 2 << 20
	maxRequestTotal = 64 << 20 // all bodies and lines together
	maxRequests     = 100_000
)

// RequestReader reads requests as a user writes them. URLs are paths, or whole
// ones of the service itself: a file cannot choose another host.
type RequestReader struct {
	// Service is the service's URL: scheme, host and port, and the path that those
	// of the requests are below.
	Service *url.URL
	// Env is asked for the values of {{env NAME}}. Nil: the process's environment.
	Env func(name string) (string, bool)
	// Open opens the file of a body. Nil: [os.Open].
	Open func(name string) (io.ReadCloser, error)
}

// SyntaxError is a mistake in a file of requests.
type SyntaxError struct {
	File string
	Line int
	Err  error
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

func (e *SyntaxError) Unwrap() error { return e.Err }

// Line reads one request without header or body: "GET /items/{{seq}}". Its error
// does not repeat the line, which may hold a secret.
func (r RequestReader) Line(line string) (Template, error) {
	request, err := r.requestLine(strings.TrimSpace(line))
	if err != nil {
		return Template{}, err
	}
	return r.template(request)
}

// File reads requests in one of vegeta's formats: JSON where the first line
// begins with a brace, else HTTP. name is that of the file in errors.
func (r RequestReader) File(name string, file io.Reader) (Templates, error) {
	lines := newLines(file)
	read := r.readHTTP
	if lines.json() {
		read = r.readJSON
	}
	var list Templates
	total := 0
	for {
		request, err := read(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		at := lines.number
		var t Template
		if err == nil {
			t, err = r.template(request)
			at = lines.began
		}
		total += len(request.Path) + len(request.Body)
		switch {
		case err != nil:
		case len(list) == maxRequests:
			err = fmt.Errorf("more than %d requests", maxRequests)
		case total > maxRequestTotal:
			err = fmt.Errorf("requests of more than %d bytes in all", maxRequestTotal)
		}
		if err != nil {
			return nil, &SyntaxError{File: name, Line: at, Err: err}
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return nil, &SyntaxError{File: name, Line: lines.number, Err: errors.New("no request in it")}
	}
	return list, nil
}

func (r RequestReader) template(request harness.Request) (Template, error) {
	env := r.Env
	if env == nil {
		env = os.LookupEnv
	}
	return NewTemplate(request, env)
}

// requestLine reads a method and a URL.
func (r RequestReader) requestLine(line string) (harness.Request, error) {
	method, address, found := strings.Cut(line, " ")
	if !found {
		return harness.Request{}, errors.New("want a method and a URL, such as GET /items/{{seq}}")
	}
	path, err := r.path(strings.TrimSpace(address))
	return harness.Request{Method: method, Path: path}, err
}

// path is a URL without the address of the service. It may hold placeholders,
// which no URL parser would take, but not in the address.
func (r RequestReader) path(address string) (string, error) {
	scheme, rest, whole := strings.Cut(address, "://")
	if !whole || strings.ContainsAny(scheme, "/?#{") {
		return address, nil // a path, or what the template refuses
	}
	host, path := rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host, path = rest[:end], rest[end:]
	}
	prefix := strings.TrimRight(r.Service.EscapedPath(), "/")
	path, below := strings.CutPrefix(path, prefix)
	below = below && (prefix == "" || path == "" || strings.ContainsAny(path[:1], "/?#"))
	if !strings.EqualFold(scheme, r.Service.Scheme) || !strings.EqualFold(host, r.Service.Host) || !below {
		return "", fmt.Errorf("url: want a path, or a URL of %s://%s%s", r.Service.Scheme, r.Service.Host, prefix)
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path, nil
}

// body reads the file of a body.
func (r RequestReader) body(name string) ([]byte, error) {
	open := r.Open
	if open == nil {
		open = func(name string) (io.ReadCloser, error) { return os.Open(name) }
	}
	f, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxRequestBody+1))
	if err == nil && len(body) > maxRequestBody {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxRequestBody)
	}
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	return body, nil
}

// lines is a file, line by line, with the number of the line that was read last
// and of the one that the request under way began with.
type lines struct {
	*bufio.Reader
	number, began int
	again         *string // the line that was read last, to be read again
}

func newLines(file io.Reader) *lines { return &lines{Reader: bufio.NewReader(file)} }

// json tells whether the first character that is no space is a brace.
func (l *lines) json() bool {
	for n := 1; ; n++ {
		ahead, err := l.Peek(n)
		if text := bytes.TrimSpace(ahead); len(text) > 0 || err != nil {
			return bytes.HasPrefix(text, []byte("{"))
		}
	}
}

// next is the next line without the space around it; [io.EOF] after the last.
func (l *lines) next() (string, error) {
	if l.again != nil {
		line := *l.again
		l.again = nil
		l.number++
		return line, nil
	}
	var line []byte
	for {
		more, err := l.ReadSlice('\n')
		if line = append(line, more...); len(line) > maxRequestLine {
			l.number++
			return "", fmt.Errorf("line is longer than %d bytes", maxRequestLine)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (len(line) == 0 || !errors.Is(err, io.EOF)):
			return "", err
		}
		l.number++
		return string(bytes.TrimSpace(line)), nil
	}
}

// unread has the line that was read last read again.
func (l *lines) unread(line string) {
	l.again = &line
	l.number--
}

// IsLocal tells whether a URL is of this machine's loopback.
func IsLocal(address string) bool {
	u, err := url.Parse(address)
	return err == nil && isLoopback(u.Hostname())
}
