package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend/containers"
)

// startHint is what to do where a run could not start: what to run instead, what
// to change, or where the whole output of the commands is that it began with.
func (o runOptions) startHint(err error, dir string) string {
	switch {
	case errors.Is(err, containers.ErrUnavailable):
		return o.verb() + " --backend embedded, which needs no container engine; or start one, or say in DOCKER_HOST where it listens"
	case strings.Contains(err.Error(), "HTTP request to an HTTPS server"):
		return "a variant is asked over HTTP: give it a listener without TLS, or start it and run leaklab attach --url https://… --insecure"
	case strings.Contains(err.Error(), "want net/http/pprof in the service"):
		return "import net/http/pprof; of a program that is not Go, leaklab attach --url http://… --pid PID judges the footprint"
	}
	if logs := outputs(dir); len(logs) > 0 {
		return "look at command, args, env and ready of the variant; all that it printed is in " + strings.Join(logs, " and ")
	}
	if strings.Contains(err.Error(), "waited for connections to be accepted") {
		return "the service must listen at 127.0.0.1:{{app_port}}, as args or env of the variant tell it"
	}
	return ""
}

// hintOf is what to do about a failure to reach a service, by its cause, else the
// hint. What the service itself said is none: its text may be that of any failure.
func hintOf(cause error, hint string) string {
	var (
		untrusted *tls.CertificateVerificationError
		noTLS     tls.RecordHeaderError
		network   *net.OpError
	)
	switch {
	case errors.As(cause, &untrusted):
		return "--insecure accepts any certificate"
	case errors.As(cause, &noTLS), errors.Is(cause, http.ErrSchemeMismatch):
		return "--url http://…: the service speaks no TLS"
	case errors.As(cause, &network) && network.Op == "dial":
		return "is the service running, and is this its address? --url URL, and --pprof URL where its profiles are elsewhere"
	}
	return hint
}

// acceptHint says how the commonest of the statuses from 400 to 499 is made an answer;
// empty where there is none.
func acceptHint(how string, statuses map[int]int) string {
	commonest := 0
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		if status >= 400 && status < 500 && (commonest == 0 || statuses[status] > statuses[commonest]) {
			commonest = status
		}
	}
	if commonest == 0 {
		return ""
	}
	return ", or, where that is what it should say, " + fmt.Sprintf(how, commonest)
}

// outputs is the files of a run's directory that hold what its commands printed.
func outputs(dir string) []string {
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log")) // the pattern is well-formed
	return slices.DeleteFunc(logs, func(name string) bool {
		info, err := os.Stat(name)
		return err != nil || info.Size() == 0
	})
}

// resultHint is what to do about a run that measured too little to judge: requests
// most of which failed, or fewer segments than a verdict needs.
func (o runOptions) resultHint(record harness.Record) string {
	load := record.Spec.Load
	few := func(r harness.Reason) bool { return r.Code == "few-checkpoints" }
	for _, v := range record.Variants {
		failed := v.Load.FailedMost()
		switch {
		case failed && 2*v.Load.Statuses[0] > v.Load.Errors:
			return fmt.Sprintf("find out why the service does not answer; load.timeout is the most time for a request, here %s", load.Timeout)
		case failed:
			how := "load.accept: [%d] in the scenario"
			if o.command[1] == "attach" {
				how = "--accept %d"
			}
			return "look at the requests: one counts when it is answered with a status below 400" + acceptHint(how, v.Load.Statuses)
		case record.Complete && o.command[1] == "attach" && outOfTime(load, v) && v.Load.RatePerSecond > 0:
			return fmt.Sprintf("%s --max-time %.0fs at least, for a service that answers %s requests a second",
				o.verb(), enoughTime(load, v).Seconds(), harness.FormatCount(v.Load.RatePerSecond))
		case record.Complete && slices.ContainsFunc(v.Verdict.Reasons, few) && o.command[1] == "attach":
			return fmt.Sprintf("%s with more time than --max-time %s, or with less than --segment %d", o.verb(), load.MaxTime, load.Segment)
		case record.Complete && slices.ContainsFunc(v.Verdict.Reasons, few):
			return fmt.Sprintf("%s with more time than --max-time %s, or with fewer requests than --warm-up %d and --segment %d",
				o.verb(), load.MaxTime, load.WarmUp, load.Segment)
		}
	}
	return ""
}
