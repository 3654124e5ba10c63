package owner

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Mark names this process for what it leaves behind: "pid@host", and where the
// system tells when a process began, "pid.began@host". Without a host name
// nobody will take over what it marks.
func Mark() string {
	host, _ := os.Hostname()
	id := strconv.Itoa(os.Getpid())
	if at, ok := began(os.Getpid()); ok {
		id += "." + at
	}
	return fmt.Sprintf("%s@%s", id, host)
}

// Abandoned tells whether the process that a mark names is of this machine and
// gone. In doubt it says no: without a start time, another process with the same
// id counts as the owner.
func Abandoned(mark string) bool {
	id, at, _ := strings.Cut(mark, "@")
	host, err := os.Hostname()
	if err != nil || host == "" || at != host {
		return false
	}
	number, start, dated := strings.Cut(id, ".")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return false
	}
	if now, ok := began(pid); dated && ok && now != start {
		return true // the id is another process's by now
	}
	return !Alive(pid)
}
