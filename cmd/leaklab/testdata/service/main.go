// Service is a program as a user's: it remembers the items that it is asked for,
// where it is told to. The tests run it as the command of a variant.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/leaklab/leaklab/harness/probe"
	"github.com/leaklab/leaklab/harness/target"
)

var (
	port     = flag.String("port", "", "where to listen")
	leak     = flag.Bool("leak", false, "remember every item")
	announce = flag.Bool("announce", false, "be a target that says itself where it listens")
	die      = flag.Bool("die", false, "end at once")
	child    = flag.Bool("child", false, "start a process that waits for nothing")
)

func main() {
	flag.Parse()
	if *die {
		log.Fatal("no such table: items")
	}
	if *child {
		if err := exec.Command("sleep", "300").Start(); err != nil {
			log.Fatal(err)
		}
	}
	http.HandleFunc("/items/{id}", items)
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	if *announce {
		err := target.Serve(context.Background(), target.Options{Stdin: os.Stdin, Stdout: os.Stdout, Probe: probe.Handler(),
			New: func(context.Context, json.RawMessage) (http.Handler, func() error, error) {
				return http.DefaultServeMux, nil, nil
			}})
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	log.Print("about to listen at ", *port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+*port, nil))
}

var (
	mu    sync.Mutex
	known = map[string][]byte{}
)

// items answers who knows the password, which is the token that the environment
// holds.
func items(w http.ResponseWriter, r *http.Request) {
	if want := os.Getenv("PASSWORD"); want != "" && r.Header.Get("Authorization") != "Bearer "+want {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	if *leak {
		remember(r.PathValue("id"))
	}
	fmt.Fprintln(w, strings.Repeat("x", 10))
}

func remember(id string) {
	mu.Lock()
	defer mu.Unlock()
	known[id] = make([]byte, 2000)
}
