package fraudcheck_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
	"github.com/leaklab/leaklab/scenarios/fraudcheck"
)

// BenchmarkCheck is one payment through the handler, with the list in the cache.
// Redis is a process of its own, so that the bytes are the variant's alone. The
// leaky variant keeps what it keeps: do not run it for minutes.
func BenchmarkCheck(b *testing.B) {
	for _, v := range variants {
		for _, users := range []int{100, 1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("variant=%s/users=%d", v.name, users), func(b *testing.B) {
				data := fraudcheck.DefaultData()
				data.RiskyUsers, data.RowBytes = users, 128
				config := payment.Config{
					RedisURL:    startRedisProcess(b),
					DatabaseURL: filepath.Join(b.TempDir(), "fraud.db"),
					CacheTTL:    payment.DefaultCacheTTL,
				}
				if err := data.Fill(b.Context(), config.DatabaseURL); err != nil {
					b.Fatal(err)
				}
				service, _, stores := open(b, config)
				h := v.new(service, stores)
				stream := data.Stream()
				post(h, string(stream.Request(0).Body)) // a miss
				b.ReportAllocs()
				for i := 1; b.Loop(); i++ {
					if w := post(h, string(stream.Request(i).Body)); w.Code != http.StatusOK {
						b.Fatalf("%d %s", w.Code, w.Body)
					}
				}
			})
		}
	}
}

// serveRedis is the environment variable that makes the test binary a Redis.
const serveRedis = "FRAUDCHECK_TEST_SERVE_REDIS"

// startRedisProcess starts this binary as a Redis and returns its URL. It ends
// with the benchmark, or when its standard input closes.
func startRedisProcess(b *testing.B) string {
	b.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), serveRedis+"=1")
	command.Stderr = os.Stderr
	lifeline, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		lifeline.Close()
		if err := command.Wait(); err != nil {
			b.Errorf("redis process: %v", err)
		}
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatalf("redis process: %v", err)
	}
	return "redis://" + strings.TrimSpace(address)
}

// redisProcess serves a Redis until standard input closes.
func redisProcess() (exitCode int) {
	redis, err := miniredis.Run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer redis.Close()
	fmt.Println(redis.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}
