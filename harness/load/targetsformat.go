package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// readJSON reads a request of vegeta's JSON format, one object a line. Keys that
// vegeta does not know are mistakes.
func (r RequestReader) readJSON(in *lines) (harness.Request, error) {
	line, err := in.next()
	for ; err == nil && line == ""; line, err = in.next() {
	}
	if err != nil {
		return harness.Request{}, err
	}
	in.began = in.number
	var t struct {
		Method string              `json:"method"`
		URL    string              `json:"url"`
		Header map[string][]string `json:"header"`
		Body   []byte              `json:"body"` // in base64
	}
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t); err != nil {
		return harness.Request{}, notEOF(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return harness.Request{}, errors.New("more than one JSON object in the line")
	}
	if len(t.Body) > maxRequestBody {
		return harness.Request{}, fmt.Errorf("body of %d bytes, want at most %d", len(t.Body), maxRequestBody)
	}
	path, err := r.path(t.URL)
	return harness.Request{Method: t.Method, Path: path, Header: t.Header, Body: t.Body}, err
}

// notEOF keeps a line that breaks off from being taken for the end of the file.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readHTTP reads a request of vegeta's HTTP format: a line with method and URL,
// lines "Name: value", and "@FILE" for the body. A blank line, a body or another
// request ends it; a line that begins with # is a comment.
func (r RequestReader) readHTTP(in *lines) (harness.Request, error) {
	line, err := in.next()
	for ; err == nil && (line == "" || line[0] == '#'); line, err = in.next() {
	}
	if err != nil {
		return harness.Request{}, err
	}
	in.began = in.number
	request, err := r.requestLine(line)
	if err != nil {
		return harness.Request{}, err
	}
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, io.EOF), err == nil && line == "":
			return request, nil
		case err != nil:
			return harness.Request{}, err
		case line[0] == '#':
		case line[0] == '@':
			request.Body, err = r.body(line[1:])
			return request, err
		case isRequestLine(line):
			in.unread(line)
			return request, nil
		default:
			if err := addHeader(&request, line); err != nil {
				return harness.Request{}, err
			}
		}
	}
}

// isRequestLine tells a request from a header, whose first word a colon ends.
func isRequestLine(line string) bool {
	word, _, more := strings.Cut(line, " ")
	return more && !strings.Contains(word, ":")
}

func addHeader(request *harness.Request, line string) error {
	name, value, found := strings.Cut(line, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" || value == "" {
		return errors.New("want a header, such as Accept: text/html")
	}
	if request.Header == nil {
		request.Header = map[string][]string{}
	}
	request.Header[name] = append(request.Header[name], value)
	return nil
}
