package backend

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fake is a source and its service.
type fake struct {
	fault  error
	closed int
}

func (f *fake) Start(context.Context, []string) (Service, error) {
	if f.fault != nil {
		return nil, f.fault
	}
	return f, nil
}

func (f *fake) URL(variant string) string { return "fake://" + variant }
func (f *fake) Close() error              { f.closed++; return nil }
func (f *fake) MemoryBytes(context.Context, string) (*int64, error) {
	return new(int64(42)), nil
}

func TestStartStartsWhatIsNeeded(t *testing.T) {
	redis, sql := &fake{}, &fake{fault: errors.New("must not be started")}
	set, err := Start(t.Context(), Sources{Redis: redis, SQL: sql}, Needs{Redis: true}, []string{"leaky"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Endpoints{RedisURL: "fake://leaky"}, set.Endpoints("leaky")); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}
	if bytes, err := set.RedisBytes(t.Context(), "leaky"); err != nil || bytes == nil || *bytes != 42 {
		t.Errorf("RedisBytes = %v, %v, want 42", bytes, err)
	}
	if err := set.Close(); err != nil || redis.closed != 1 {
		t.Errorf("Close = %v and closed redis %d times, want once", err, redis.closed)
	}
}

func TestStartLeavesNothingBehind(t *testing.T) {
	fault := errors.New("refused")
	redis := &fake{}
	_, err := Start(t.Context(), Sources{Redis: redis, SQL: &fake{fault: fault}}, Needs{Redis: true, SQL: true}, nil)
	if !errors.Is(err, fault) {
		t.Errorf("Start = %v, want %v", err, fault)
	}
	if redis.closed != 1 {
		t.Errorf("the redis that had started was closed %d times, want once", redis.closed)
	}
}

func TestStartWithoutASource(t *testing.T) {
	_, err := Start(t.Context(), Sources{}, Needs{SQL: true}, nil)
	if want := "backend sql: needed, but no source is chosen"; err == nil || err.Error() != want {
		t.Errorf("Start = %v, want %s", err, want)
	}
}
