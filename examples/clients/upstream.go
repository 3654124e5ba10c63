package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// startUpstream starts the other service, so that this example runs alone: a
// process of its own, whose memory is not this one's. It ends with this one.
func startUpstream() (url string, err error) {
	cmd := exec.Command(os.Args[0], "-upstream")
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // open for as long as this process lives
		return "", err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	go func() { log.Fatal("the other service ended: ", cmd.Wait()) }()
	return strings.TrimSpace(line), err
}

// serveUpstream is the other service. It closes no idle connection, as many do not
// for minutes, and it ends when its standard input does.
func serveUpstream() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "quote %s: 42\n", r.PathValue("id"))
	})
	server := http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(listener)
}
