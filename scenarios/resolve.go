package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// Resolved is a scenario whose values make sense, with the parts that it names.
type Resolved struct {
	Scenario harness.Scenario
	// Case is that of the built-in handlers; zero where there are none.
	Case Case
	// Handlers are those of the variants, in their order; zero for programs of the
	// user's.
	Handlers []Handler
	// Data are the scenario's: they fill the backends and give the stream. Nil
	// without a case.
	Data Data
}

// Resolve validates a scenario and finds its parts. It reports all mistakes at
// once, one error a line.
func Resolve(s harness.Scenario) (Resolved, error) {
	r := Resolved{Scenario: s}
	errs := []error{s.Validate()}
	for _, v := range s.Variants {
		c, h, ok := Lookup(v.Handler)
		switch {
		case !v.BuiltIn(): // below, when all needs are known
		case !ok:
			errs = append(errs, fmt.Errorf("scenario %q: variants.%s.handler = %q, want a built-in handler: %s",
				s.Name, v.Name, v.Handler, didYouMean(v.Handler, handlerNames())))
		case r.Case.Name != "" && c.Name != r.Case.Name:
			errs = append(errs, fmt.Errorf("scenario %q: variants.%s.handler = %q of case %s, want one of case %s as before: variants answer the same requests",
				s.Name, v.Name, v.Handler, c.Name, r.Case.Name))
		default:
			r.Case = c
		}
		r.Handlers = append(r.Handlers, h)
	}
	for _, v := range s.Variants {
		if !v.BuiltIn() {
			for _, err := range checkProgram(v, r.Needs()) {
				errs = append(errs, fmt.Errorf("scenario %q: variants.%s.%w", s.Name, v.Name, err))
			}
		}
	}
	if len(s.Data) > 0 && !slices.ContainsFunc(s.Variants, harness.Variant.BuiltIn) {
		errs = append(errs, fmt.Errorf("scenario %q: data are for built-in handlers, and there is none: want them left out", s.Name))
	}
	if r.Case.Name != "" {
		data, err := r.Case.Decode(s.Data)
		for _, err := range each(err) {
			errs = append(errs, fmt.Errorf("scenario %q: %w", s.Name, err))
		}
		r.Data = data
	}
	if err := errors.Join(errs...); err != nil {
		return Resolved{}, err
	}
	return r, nil
}

// Decode makes the case's data of a scenario's, and validates them. What is left
// out keeps the case's default.
func (c Case) Decode(data map[string]any) (Data, error) {
	text, err := json.Marshal(data) // JSON is YAML
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	v := reflect.New(reflect.TypeOf(c.Defaults)).Elem()
	v.Set(reflect.ValueOf(c.Defaults))
	if len(data) > 0 {
		d := decoder{source: source{name: "data of case " + c.Name, flag: true}, mistakes: &mistakes{}}
		root, bad := d.parse(text)
		if bad != nil {
			return nil, bad
		}
		d.value(v, root, "data")
		if err := d.mistakes.err(); err != nil {
			return nil, err
		}
	}
	decoded := v.Interface().(Data)
	if err := decoded.Validate(); err != nil {
		return nil, err
	}
	return decoded, nil
}

// each is the errors that are joined in one, none for nil.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
