package target

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLife(t *testing.T) {
	t.Parallel()
	c := command("serve")
	c.LogPath = filepath.Join(t.TempDir(), "stderr.log")
	p := start(t, c)
	if got, want := get(t, "http://"+p.Probe()+"/debug/leaklab/x"), "probe /debug/leaklab/x"; got != want {
		t.Errorf("probe says %q, want %q", got, want)
	}
	// A request under way is answered to its end.
	resp, err := http.Get("http://" + p.App() + "/slow")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	select {
	case <-p.Done():
		t.Fatalf("target %s before it was stopped", p.Exit())
	default:
	}
	var stops sync.WaitGroup
	for range 3 {
		stops.Go(func() {
			if err := p.Stop(testDeadline); err != nil {
				t.Error(err)
			}
		})
	}
	body := make([]byte, len("complete"))
	if n, err := io.ReadFull(resp.Body, body); err != nil {
		t.Errorf("request under way got %q, %v, want a complete answer", body[:n], err)
	}
	stops.Wait()
	if err := p.Stop(0); err != nil {
		t.Errorf("Stop of what is done: %v", err)
	}
	// The service's context ends first, the closer comes last.
	if want := (Exit{Tail: "service ended\nclosed"}); p.Exit() != want {
		t.Errorf("exit %+v, want %+v", p.Exit(), want)
	}
	text, err := os.ReadFile(c.LogPath)
	if err != nil || string(text) != "service ended\nclosed\n" {
		t.Errorf("log %q, error %v, want what the target wrote", text, err)
	}
	if info, err := os.Stat(c.LogPath); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("log's mode %v, error %v, want -rw-------", info.Mode(), err)
	}
}

func TestSecretsAndEnvironment(t *testing.T) {
	t.Parallel()
	c := command("serve")
	c.Args = []string{"an argument"}
	c.Env = append(c.Env, "GODEBUG=http2client=0")
	c.Config = []byte("{\n \"url\": \"redis://:hunter2@127.0.0.1\"\n}")
	p := start(t, c)
	var child self
	if err := json.Unmarshal([]byte(get(t, "http://"+p.App()+"/self")), &child); err != nil {
		t.Fatal(err)
	}
	if want := `{"url":"redis://:hunter2@127.0.0.1"}`; string(child.Config) != want {
		t.Errorf("config %s, want %s", child.Config, want)
	}
	if !slices.Equal(child.Args[1:], c.Args) {
		t.Errorf("arguments %q, want %q", child.Args[1:], c.Args)
	}
	for _, text := range slices.Concat(child.Args, child.Env) {
		if strings.Contains(text, "hunter2") {
			t.Errorf("the config's secret stands where other processes can read it: %q", text)
		}
	}
	if want := "GODEBUG=http2client=0"; !slices.Contains(child.Env, want) {
		t.Errorf("environment %q, want %s in it", child.Env, want)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	missing := command("serve")
	missing.Path = filepath.Join(t.TempDir(), "no-such-program")
	badConfig := command("serve")
	badConfig.Config = []byte("{")
	badLog := command("serve")
	badLog.LogPath = filepath.Join(t.TempDir(), "no-such-directory", "log")
	slow := command("silent")
	slow.StartTimeout = 50 * time.Millisecond
	for _, tt := range []struct {
		command Command
		want    []string // in the error
	}{
		{command("crash"), []string{`target "crash": exited with code 3 before it was ready`, "chatter\nthe cause"}},
		{command("refuse"), []string{"exited with code 1 before it was ready", "target: service: no database"}},
		{command("babble"), []string{"wrote over 64 KiB to standard output before LISTEN"}},
		{command("remote"), []string{`said it listens at "app=192.0.2.1:80", want app=, a loopback address`}},
		{slow, []string{"not ready after 50ms"}},
		{missing, []string{"no-such-program"}},
		{badConfig, []string{"config: unexpected end of JSON input"}},
		{badLog, []string{"no-such-directory"}},
	} {
		if tt.command.StartTimeout == 0 {
			tt.command.StartTimeout = testDeadline
		}
		p, err := Start(t.Context(), tt.command)
		if err == nil {
			p.Kill()
			t.Errorf("%s: started, want an error", tt.command.Name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %.300q, want one with %q", tt.command.Name, err, want)
			}
		}
		if len(err.Error()) > maxTailBytes+200 {
			t.Errorf("%s: error of %d bytes, want the tail of standard error alone", tt.command.Name, len(err.Error()))
		}
	}
}

func TestGreetingIsSkipped(t *testing.T) {
	t.Parallel()
	p := start(t, command("greet"))
	get(t, "http://"+p.App()+"/self")
}

func TestStartIsCutShort(t *testing.T) {
	t.Parallel()
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	c := command("silent")
	c.StartTimeout = testDeadline
	if _, err := Start(ctx, c); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
}

func TestOutputNeverBlocksTheTarget(t *testing.T) {
	t.Parallel()
	p := start(t, command("loud"))
	await(t, "end of a target that writes 4 MB", p.Done())
	exit := p.Exit()
	if exit.Code != 0 || !strings.HasSuffix(exit.Tail, "y\ndone") || len(exit.Tail) > maxTailBytes {
		t.Errorf("exit code %d with a tail of %d bytes that ends %q, want 0 and at most %d to the end",
			exit.Code, len(exit.Tail), exit.Tail[max(0, len(exit.Tail)-10):], maxTailBytes)
	}
}

func TestDescendantDoesNotHoldTheTarget(t *testing.T) {
	t.Parallel()
	p := start(t, command("leave a descendant"))
	await(t, "end of a target whose descendant holds its standard output", p.Done())
	pid, err := strconv.Atoi(p.Exit().Tail)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.FindProcess(pid); err == nil {
		_ = left.Kill()
	}
}

func TestHungShutdownEnds(t *testing.T) {
	t.Parallel()
	p := start(t, command("hang at shutdown"))
	if err := p.Stop(testDeadline); err != nil {
		t.Errorf("%v, want the target to end itself", err)
	}
	if exit := p.Exit(); exit.Code != 1 || !strings.Contains(exit.Tail, "shutdown took more than 2s") {
		t.Errorf("exit %+v, want code 1 and the reason", exit)
	}
}
