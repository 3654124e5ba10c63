package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/leaklab/leaklab/scenarios"
)

// requests are those of a scenario of commands.
type requests struct {
	scenario harness.Scenario
	dir      string // of the scenario's file
}

// check reports what is wrong with the requests before anything is started. What
// steps print is not known by then.
func (r *requests) check() error {
	_, err := r.read(func(name string) (string, bool) {
		steps := slices.ContainsFunc(r.scenario.Variants, func(v harness.Variant) bool { return len(v.Before) > 0 })
		value, ok := os.LookupEnv(name)
		return value, ok || steps
	})
	return err
}

// read makes templates of the scenario's requests and of its file of them.
func (r *requests) read(lookup func(string) (string, bool)) (load.Templates, error) {
	var list load.Templates
	var errs []error
	for i, request := range r.scenario.Requests {
		header := map[string][]string{}
		for name, value := range request.Header {
			header[name] = []string{value}
		}
		t, err := load.NewTemplate(harness.Request{
			Method: cmp.Or(request.Method, "GET"), Path: request.URL, Header: header, Body: []byte(request.Body),
		}, lookup)
		if err != nil {
			errs = append(errs, fmt.Errorf("requests[%d]: %w", i, err))
		}
		list = append(list, t)
	}
	if r.scenario.RequestsFile != "" {
		more, err := r.file(lookup)
		if err != nil {
			errs = append(errs, fmt.Errorf("requests_file: %w", err))
		}
		list = append(list, more...)
	}
	return list.Accepting(r.scenario.Load.Accept), errors.Join(errs...)
}

// file reads the file of requests. It and the bodies that it names are relative to
// the scenario's file.
func (r *requests) file(lookup func(string) (string, bool)) (load.Templates, error) {
	open := func(name string) (io.ReadCloser, error) { return os.Open(pathIn(r.dir, name)) }
	f, err := open(r.scenario.RequestsFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Requests are sent to every variant: none has a host.
	reader := load.RequestReader{Service: &url.URL{}, Env: lookup, Open: open}
	return reader.File(r.scenario.RequestsFile, f)
}

// pathIn is a path that a scenario names: below the directory of its file, unless it
// is absolute.
func pathIn(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// stream is the requests of the built-in handlers' case. Those of commands come with
// each: they may hold what its steps have printed.
func (r *requests) stream(resolved scenarios.Resolved) harness.Stream {
	if resolved.Data != nil {
		return resolved.Data.Stream()
	}
	return load.Templates{}
}
