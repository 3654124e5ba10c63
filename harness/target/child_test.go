package target

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// testDeadline bounds every wait of a test for something that has to happen.
const testDeadline = 20 * time.Second

// childEnv names what the test binary is when a test starts it again.
const childEnv = "LEAKLAB_TARGET_TEST_CHILD"

func TestMain(m *testing.M) {
	child, ok := os.LookupEnv(childEnv)
	if !ok {
		flag.Set("test.parallel", "8") // the tests wait for processes
		os.Exit(m.Run())
	}
	// A test that fails may leave its child: no child outlives the test for long.
	time.AfterFunc(3*testDeadline, func() { os.Exit(97) })
	if err := children[child](); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// children are the programs that the tests start.
var children = map[string]func() error{
	"serve": func() error {
		err := serveSelf(nil)
		if me, findErr := os.FindProcess(os.Getpid()); findErr == nil {
			_ = me.Signal(syscall.SIGTERM)    // as Stop's may come: after the lifeline did it all
			time.Sleep(50 * time.Millisecond) // it reaches another thread: let it do its worst
		}
		return err
	},
	"hang at shutdown": func() error {
		return serveSelf(func() error { select {} })
	},
	"greet": func() error {
		fmt.Print("hello\nLISTENING soon\n", strings.Repeat("x", maxPreambleBytes/2), "\n")
		return serveSelf(nil)
	},
	"crash": func() error {
		fmt.Fprintln(os.Stderr, strings.Repeat("chatter\n", maxTailBytes)+"the cause")
		os.Exit(3)
		return nil
	},
	"refuse": func() error {
		return Serve(context.Background(), Options{
			Stdin: os.Stdin, Stdout: os.Stdout, Probe: http.NotFoundHandler(),
			New: func(context.Context, json.RawMessage) (http.Handler, func() error, error) {
				return nil, nil, errors.New("no database")
			},
		})
	},
	"silent": func() error {
		fmt.Fprintln(os.Stderr, os.Getpid())
		select {}
	},
	"babble": func() error {
		for {
			if _, err := fmt.Print("la "); err != nil {
				return err
			}
		}
	},
	"remote": func() error {
		fmt.Println("LISTEN app=192.0.2.1:80 probe=127.0.0.1:80")
		select {}
	},
	"stubborn": func() error {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("LISTEN app=127.0.0.1:1 probe=127.0.0.1:2")
		select {}
	},
	"loud": func() error {
		fmt.Println("LISTEN app=127.0.0.1:1 probe=127.0.0.1:2")
		for range 2000 {
			fmt.Println(strings.Repeat("x", 1000)) // blocks where nobody reads
			fmt.Fprintln(os.Stderr, strings.Repeat("y", 1000))
		}
		fmt.Fprintln(os.Stderr, "done")
		return nil
	},
	"end with the lifeline only": func() error {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("LISTEN app=127.0.0.1:1 probe=127.0.0.1:2")
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	},
	"end with SIGTERM only": func() error {
		fmt.Println("LISTEN app=127.0.0.1:1 probe=127.0.0.1:2")
		select {}
	},
	"leave a descendant": startDescendant,
	"stay with a descendant": func() error {
		if err := startDescendant(); err != nil {
			return err
		}
		select {}
	},
	// lab starts a target as a lab does, says its id, and lives until it is killed.
	"lab": func() error {
		p, err := Start(context.Background(), command("serve"))
		if err != nil {
			return err
		}
		fmt.Println(p.Pid(), p.App())
		select {}
	},
}

// self is what a served child says of itself.
type self struct {
	Args, Env []string
	Config    json.RawMessage
}

// serveSelf is a target that answers /self, and at its end writes in which order
// things ended to standard error.
func serveSelf(closer func() error) error {
	return Serve(context.Background(), Options{
		Stdin: os.Stdin, Stdout: os.Stdout,
		Probe: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "probe ", r.URL.Path) }),
		New: func(ctx context.Context, config json.RawMessage) (http.Handler, func() error, error) {
			app := http.NewServeMux()
			app.HandleFunc("/self", func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(self{os.Args, os.Environ(), config})
			})
			app.HandleFunc("/slow", slow(ctx))
			if closer == nil {
				closer = func() error {
					fmt.Fprintln(os.Stderr, "closed")
					return nil
				}
			}
			return app, closer, nil
		},
	})
}

// startDescendant is a target that starts a process, which holds its standard
// output open, and writes that one's id to standard error.
func startDescendant() error {
	c := command("silent")
	descendant := exec.Command(c.Path)
	descendant.Env = append(os.Environ(), c.Env...)
	descendant.Stdout = os.Stdout
	if err := descendant.Start(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, descendant.Process.Pid)
	fmt.Println("LISTEN app=127.0.0.1:1 probe=127.0.0.1:2")
	return nil
}

// slow is a request that is under way when the target is stopped: it is answered
// once no new one is accepted, unless its connection ends before.
func slow(service context.Context) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-service.Done()
		fmt.Fprintln(os.Stderr, "service ended")
		address := r.Context().Value(http.LocalAddrContextKey).(net.Addr).String()
		for {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				break
			}
			conn.Close()
		}
		select {
		case <-r.Context().Done(): // the connection was cut off
		case <-time.After(50 * time.Millisecond):
			fmt.Fprint(w, "complete")
		}
	}
}

// command starts the test binary as a child.
func command(child string) Command {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return Command{Name: child, Path: path, Env: []string{childEnv + "=" + child}}
}

// start starts a child that is expected to get ready, and ends it with the test.
func start(t *testing.T, c Command) *Process {
	t.Helper()
	c.StartTimeout = testDeadline
	p, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.killAndWait() })
	return p
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: testDeadline}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// await waits for a channel to be closed.
func await(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(testDeadline):
		t.Fatalf("%s: not within %s", what, testDeadline)
	}
}

// firstLine reads a line of a process's output.
func firstLine(t *testing.T, r io.Reader) string {
	t.Helper()
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(r).ReadString('\n')
		line <- strings.TrimSpace(text)
	}()
	select {
	case text := <-line:
		return text
	case <-time.After(testDeadline):
		t.Fatalf("no line of output within %s", testDeadline)
		return ""
	}
}
