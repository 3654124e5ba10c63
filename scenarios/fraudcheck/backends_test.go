package fraudcheck_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/containers"
	"github.com/leaklab/leaklab/harness/backend/embedded"
	"github.com/leaklab/leaklab/harness/backend/external"
)

// TestAllBackendsAnswerOneTranscript serves every variant from each kind of
// backend: what is found out with the embedded ones holds for real servers.
func TestAllBackendsAnswerOneTranscript(t *testing.T) {
	if testing.Short() {
		t.Skip("slow, and -short is set")
	}
	want := transcripts(t, backend.Sources{Redis: embedded.Redis{}, SQL: embedded.SQL{Dir: t.TempDir()}})
	for name, sources := range map[string]func(t *testing.T) backend.Sources{
		"external": func(t *testing.T) backend.Sources {
			return backend.Sources{
				Redis: external.Redis{URL: serverURL(t, "LEAKLAB_TEST_REDIS_URL")},
				SQL:   external.SQL{URL: serverURL(t, "LEAKLAB_TEST_POSTGRES_URL")},
			}
		},
		"containers": func(*testing.T) backend.Sources {
			return backend.Sources{Redis: containers.Redis{}, SQL: containers.SQL{}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, transcripts(t, sources(t))); diff != "" {
				t.Errorf("answers differ (-embedded +%s):\n%s", name, diff)
			}
		})
	}
}

// startTime bounds the start of backends, with a pull of their images where they
// are missing.
const startTime = time.Minute

// transcripts is what each variant answers with backends of its own.
func transcripts(t *testing.T, sources backend.Sources) map[string]string {
	t.Helper()
	var names []string
	for _, v := range variants {
		names = append(names, v.name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	set, err := backend.Start(ctx, sources, backend.Needs{Redis: true, SQL: true}, names)
	if errors.Is(err, containers.ErrUnavailable) && os.Getenv("LEAKLAB_NO_SKIP") != "1" {
		t.Skipf("%v; ci/engine.sh brings an engine and images", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	}()
	data := smallData()
	if err := data.Fill(t.Context(), set.Endpoints(names[0]).DatabaseURL); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, v := range variants {
		at := set.Endpoints(v.name)
		service, end, stores := open(t, payment.Config{RedisURL: at.RedisURL, DatabaseURL: at.DatabaseURL, CacheTTL: payment.DefaultCacheTTL})
		said[v.name] = transcript(v.new(service, stores), data.Stream(), 200)
		end()
	}
	return said
}

// serverURL is the URL of a server that the tests may use.
func serverURL(t *testing.T, name string) string {
	t.Helper()
	url := os.Getenv(name)
	if url == "" && os.Getenv("LEAKLAB_NO_SKIP") == "1" {
		t.Fatalf("%s is not set, and LEAKLAB_NO_SKIP=1 forbids to skip", name)
	}
	if url == "" {
		t.Skipf("%s is not set; ci/services.sh brings a Redis and a Postgres", name)
	}
	return url
}
