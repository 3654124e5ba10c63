// Package probe is the part of leaklab that runs inside a target: an HTTP
// handler that prepares the runtime for exact readings, collects, and reads the
// process's memory. A service mounts it with one line:
//
//	mux.Handle(probe.Path, probe.Handler())
//
// A service without a mux to mount it on imports package auto instead. Clients on
// other machines are served where the service sets a token:
//
//	mux.Handle(probe.Path, probe.Config{Token: os.Getenv("PROBE_TOKEN")}.Handler())
//
// It judges nothing and stores nothing, refuses every other client that is not on
// the same machine, and imports the standard library only, so that a service that
// mounts it depends on nothing else. What the kernel says of the process from
// outside, such as its resident bytes, it leaves to package gauge, its only
// client, which stands between it and the lab.
package probe

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"
)

// Path is where the handler must be mounted. Below it are
//
//	POST prewarm        fill the runtime's free lists
//	POST checkpoint     drain, collect twice, read: a [Reading]
//	GET  sample         read without a collection: a [Sample]
//	GET  stream         a [Sample] a line every ?interval=, until the client goes
//	GET  profile        the heap profile, for go tool pprof
//	GET  goroutines     the goroutine profile, for go tool pprof
//	GET  goroutineleak  that of the leaked ones, where the runtime has it
//	GET  stacks         all goroutines' stacks as text, cut off at 4 MiB
//	GET  build          what the target was built from: a [Build]
const Path = "/debug/leaklab/"

// drainLimit is how long a checkpoint waits for the target to come to rest.
// Targets at rest take 6 to 8 ms; one that is busy on its own account never
// settles, and is read as it is.
const drainLimit = 2 * time.Second

// writeLimit is how long a client may take to accept an answer or a line.
const writeLimit = 10 * time.Second

// Config is what a target may tell its probe. The zero value is what [Handler]
// uses.
type Config struct {
	// InFlight tells how many requests the target is working on, so that a
	// checkpoint can wait for none. Nil: the goroutine count alone decides.
	InFlight func() int64
	// DrainLimit is how long a checkpoint waits for the target to come to rest.
	// Zero: 2 seconds.
	DrainLimit time.Duration
	// Token lets in clients that are not on this machine, or come through a proxy,
	// and send it: "Authorization: Bearer TOKEN". Make it long and random: a guess
	// costs a request. Empty: only clients on this machine are served.
	Token string
}

// Handler is the probe of this process, to be mounted at [Path].
func Handler() http.Handler { return Config{}.Handler() }

// Handler is the probe of this process, to be mounted at [Path].
func (c Config) Handler() http.Handler {
	if c.DrainLimit <= 0 {
		c.DrainLimit = drainLimit
	}
	p := &prober{
		Config:  c,
		turn:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		meter:   newMeter(),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+Path+"prewarm", p.exclusive(p.prewarm))
	mux.HandleFunc("POST "+Path+"checkpoint", p.exclusive(p.checkpoint))
	mux.HandleFunc("GET "+Path+"sample", p.exclusive(p.sample))
	mux.HandleFunc("GET "+Path+"stream", p.stream)
	mux.HandleFunc("GET "+Path+"profile", p.exclusive(profile("heap")))
	mux.HandleFunc("GET "+Path+"goroutines", p.exclusive(profile("goroutine")))
	mux.HandleFunc("GET "+Path+"stacks", p.exclusive(stacks))
	if pprof.Lookup(goroutineLeak) != nil {
		mux.HandleFunc("GET "+Path+goroutineLeak, p.exclusive(profile(goroutineLeak)))
	}
	mux.HandleFunc("GET "+Path+"build", p.exclusive(build))
	return c.guard(mux)
}

// prober is the state of one handler. What it needs to read is allocated once,
// so that reading adds nothing to the live heap that it reads.
type prober struct {
	Config
	turn    chan struct{} // holds a token while an exclusive action runs
	meter   *meter        // of whoever holds the turn
	memory  runtime.MemStats
	closing chan struct{} // closed when the server shuts down
	once    sync.Once     // registers closing with the server
}

// action does what an endpoint is for and returns its answer. It runs alone and
// touches no client, so that a slow client never holds up the next action.
type action func(ctx context.Context) (answer, error)

// answer is the body of a response.
type answer struct {
	contentType string
	body        []byte
}

// exclusive serves an action: one at a time over all endpoints, since each
// would show up in the readings of the others.
func (p *prober) exclusive(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.turn <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		a, err := func() (answer, error) {
			defer func() { <-p.turn }()
			return do(r.Context())
		}()
		// Without support for deadlines the server's own hold.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeLimit))
		if err != nil {
			http.Error(w, "leaklab probe: "+err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", a.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
		w.Write(a.body) // an error means that the client is gone
	}
}

// sample answers with the state of the process now. The load stands still when
// it is asked, so it may stop the world, which the stream may not: that makes
// the allocation count exact, where the metrics alone lag by what the
// processors' caches hold.
func (p *prober) sample(context.Context) (answer, error) {
	runtime.ReadMemStats(&p.memory)
	return jsonAnswer(p.meter.read())
}

func jsonAnswer(v any) (answer, error) {
	body, err := json.Marshal(v)
	return answer{"application/json", append(body, '\n')}, err
}
