package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/backend/embedded"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/leaklab/leaklab/harness/target"
	"github.com/leaklab/leaklab/scenarios"
)

// BenchmarkSampling measures what sampling costs a target in CPU time: the
// timeline at its usual interval, against the same load on the same handler
// without it. Each iteration is one pair, side by
// side, in an order that alternates; the metrics are the median of the ratios
// and the interval that holds it at 95 %. Run it with -benchtime 20x or more,
// on a machine that does nothing else.
func BenchmarkSampling(b *testing.B) {
	data := map[string]any{"risky_users": 1000}
	of, _, _ := scenarios.Lookup("fixed/fraudcheck/array")
	decoded, err := of.Decode(data)
	if err != nil {
		b.Fatal(err)
	}
	names := []string{"first", "second"}
	set, err := backend.Start(b.Context(), backend.Sources{Redis: embedded.Redis{}, SQL: embedded.SQL{}}, of.Needs, names)
	if err != nil {
		b.Fatal(err)
	}
	defer set.Close()
	if err := decoded.Fill(b.Context(), set.Endpoints(names[0]).DatabaseURL); err != nil {
		b.Fatal(err)
	}
	var ratios []float64
	for i := 0; b.Loop(); i++ {
		sampled := i % 2 // which of the two, so that neither name is favoured
		var seconds [2]float64
		var both sync.WaitGroup
		for k, name := range names {
			both.Go(func() {
				seconds[k] = cpuPerRequest(b, set.Endpoints(name), data, decoded.Stream(), k == sampled)
			})
		}
		both.Wait()
		ratios = append(ratios, seconds[sampled]/seconds[1-sampled])
	}
	low, median, high := medianInterval(ratios)
	b.ReportMetric(median, "ratio")
	b.ReportMetric(low, "ratio-low")
	b.ReportMetric(high, "ratio-high")
	b.ReportMetric(0, "ns/op")
}

// cpuPerRequest is the CPU time that a fresh target takes for each request at
// the incident's rate, in seconds.
func cpuPerRequest(b *testing.B, at backend.Endpoints, data map[string]any, stream harness.Stream, sampled bool) float64 {
	config, err := json.Marshal(targetConfig{Handler: "fixed/fraudcheck/array", Data: data, At: at})
	if err != nil {
		b.Error(err)
		return 0
	}
	command := target.Command{Name: "bench", Path: os.Args[0], Args: []string{targetCommand}, Config: config,
		LogPath: filepath.Join(b.TempDir(), "log")}
	p, err := target.Start(b.Context(), command)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer p.Stop(time.Second)
	g := gauge.New("http://"+p.Probe(), p.Pid())
	defer g.Close()
	client, err := load.NewClient("http://"+p.App(), stream, load.Options{Connections: 100})
	if err != nil {
		b.Error(err)
		return 0
	}
	defer client.Close()
	const warmUp, requests, rate = 200, 400, 100
	if _, err := client.Segment(b.Context(), 0, warmUp, harness.MaxRate); err != nil {
		b.Error(err)
	}
	if sampled {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		go g.Stream(ctx, 250*time.Millisecond, func(harness.Sample) {})
	}
	before, err := g.Sample(b.Context())
	if err != nil {
		b.Error(err)
		return 0
	}
	if _, err := client.Segment(b.Context(), warmUp, requests, rate); err != nil {
		b.Error(err)
	}
	after, err := g.Sample(b.Context())
	if err != nil || after.CPUSeconds == nil || before.CPUSeconds == nil {
		b.Error("no CPU time", err)
		return 0
	}
	return (*after.CPUSeconds - *before.CPUSeconds) / requests
}

// medianInterval is the median of the values and the order statistics that hold
// it at about 95 % (n/2 ± 0.98·√n).
func medianInterval(values []float64) (low, median, high float64) {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	spread := int(math.Ceil(0.98 * math.Sqrt(float64(n))))
	return sorted[max(0, n/2-spread)], sorted[n/2], sorted[min(n-1, n/2+spread)]
}
