package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// route is a guess of a request that a program answers, of where its sources name
// a path.
type route struct {
	Method, URL string
	Seen        string // file and line
}

// maxRoutes bounds the requests that leaklab init writes down: what is left out is
// added in a minute, what is too much is not read.
const maxRoutes = 8

// routeFunctions are the names of functions that take a path first, in net/http
// and the routers in use, with the method that they are for.
var routeFunctions = map[string]string{
	"Handle": http.MethodGet, "HandleFunc": http.MethodGet,
	"Get": http.MethodGet, "GET": http.MethodGet,
	"Post": http.MethodPost, "POST": http.MethodPost,
	"Put": http.MethodPut, "PUT": http.MethodPut,
	"Patch": http.MethodPatch, "PATCH": http.MethodPatch,
	"Delete": http.MethodDelete, "DELETE": http.MethodDelete,
}

var (
	// routePattern is a path, after a method where there is one.
	routePattern = regexp.MustCompile(`^(?:([A-Z]+) +)?(/[\w./{}:$~-]*)$`)
	// parameter is a part of a path that stands for any: {id}, {id:[0-9]+}, {path...} or :id.
	parameter = regexp.MustCompile(`\{[^{}]+\}|:\w+`)
	// noLoad are paths that say nothing of a service's own work.
	noLoad = regexp.MustCompile(`^/(?:debug|metrics|health|healthz|livez|readyz|ready|ping|favicon\.ico|static)?(?:/.*)?$`)
)

// findRoutes looks through the files of packages, those that only read first. A
// file that cannot be read as Go is passed over, as by findListening.
func findRoutes(files []string) []route {
	var found []route
	for _, name := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if r, ok := routeOf(call); ok && !slices.ContainsFunc(found, r.same) {
					at := set.Position(call.Pos())
					r.Seen = fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)
					found = append(found, r)
				}
			}
			return true
		})
	}
	slices.SortStableFunc(found, func(a, b route) int { return a.rank() - b.rank() })
	return found[:min(len(found), maxRoutes)]
}

// routeOf is the route that a call registers, if it looks like one that does.
func routeOf(call *ast.CallExpr) (route, bool) {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) < 2 {
		return route{}, false
	}
	method, ok := routeFunctions[function.Sel.Name]
	if !ok {
		return route{}, false
	}
	match := routePattern.FindStringSubmatch(firstLiteral(call.Args[:1]))
	if match == nil {
		return route{}, false
	}
	if match[1] != "" {
		method = match[1]
	}
	path := strings.TrimSuffix(match[2], "{$}")
	if noLoad.MatchString(path) {
		return route{}, false
	}
	return route{Method: method, URL: parameter.ReplaceAllString(path, "{{seq}}")}, true
}

func (r route) same(other route) bool { return r.Method == other.Method && r.URL == other.URL }

// Reads tells whether the request needs no body, so that it may well be answered
// as it stands.
func (r route) Reads() bool { return r.Method == http.MethodGet }

// rank puts what reads first.
func (r route) rank() int {
	if r.Reads() {
		return 0
	}
	return 1
}
