package auto

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leaklab/leaklab/harness/probe"
)

// asService makes the test binary a service that does nothing but live until its
// standard input closes.
const asService = "LEAKLAB_TEST_AS_SERVICE"

func TestMain(m *testing.M) {
	if os.Getenv(asService) != "" {
		io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

// service starts a service with an address in its environment; stop ends it and
// returns the rest of its standard error.
func service(t *testing.T, address string) (stderr *bufio.Reader, stop func() string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), asService+"=1", Variable+"="+address)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stderr = bufio.NewReader(pipe)
	return stderr, func() string {
		t.Helper()
		stdin.Close()
		rest, err := io.ReadAll(stderr)
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the service ended with %v", err)
		}
		return string(rest)
	}
}

func TestABlankImportServesTheProbe(t *testing.T) {
	stderr, stop := service(t, "127.0.0.1:0")
	line, err := stderr.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "leaklab probe: serving ")
	if !ok || !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, probe.Path) {
		t.Fatalf("announced %q", line)
	}
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url + "build")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var build probe.Build
	if err := json.NewDecoder(response.Body).Decode(&build); err != nil || build.GoVersion == "" {
		t.Errorf("build %+v, %v", build, err)
	}
	stop()
}

func TestWithoutTheVariableNothingIsServed(t *testing.T) {
	_, stop := service(t, "")
	if said := stop(); said != "" {
		t.Errorf("standard error: %q, want nothing", said)
	}
}

func TestWhatCannotBeServedIsToldAndEndsNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	const want = "want a loopback address and a port, such as 127.0.0.1:0"
	for address, reason := range map[string]string{
		":6061":                 want,
		"0.0.0.0:0":             want,
		"[::]:0":                want,
		"192.0.2.1:80":          want,
		"localhost:80":          want, // may be any address
		"127.0.0.1":             want,
		taken.Addr().String():   "listen tcp",
		"127.0.0.1:port":        want,
		"[::ffff:192.0.2.1]:80": want,
	} {
		var said strings.Builder
		start(address, &said)
		if got := said.String(); !strings.HasPrefix(got, "leaklab probe: not served: "+Variable+": ") ||
			!strings.Contains(got, reason) {
			t.Errorf("%s: %q, want %q", address, got, reason)
		}
	}
}
