package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// listening is a guess of how a program is told where to listen: by a flag or by a
// variable of the environment, to be given a value. Empty where nothing in its main
// package looks like it.
type listening struct {
	Flag, Variable string
	Value          string
	Seen           string // file and line
}

var (
	listenFlag     = regexp.MustCompile(`^(?:http|listen|server|bind)?[-_.]?(?:addr|address|listen|port|bind)$`)
	listenVariable = regexp.MustCompile(`^(?:[A-Z]+_)?(?:PORT|ADDR|ADDRESS|LISTEN|LISTEN_ADDR|BIND)$`)
)

// findListening looks through the files of a main package, of which the first
// guess counts. A file that cannot be read as Go is passed over: go build will say
// what is wrong with it.
func findListening(dir string, files []string) listening {
	for _, name := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		if found := guess(set, file); found != (listening{}) {
			return found
		}
	}
	return listening{}
}

// guess is the first call in a file that defines a flag, or reads a variable, with
// a name that is usual for an address or a port.
func guess(set *token.FileSet, file *ast.File) (found listening) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != (listening{}) {
			return found == (listening{})
		}
		function, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch name := firstLiteral(call.Args); {
		case readsVariable(function.Sel.Name) && listenVariable.MatchString(name):
			found = listening{Variable: name, Value: listenValue(name)}
		case definesFlag(function.Sel.Name) && listenFlag.MatchString(name):
			found = listening{Flag: "--" + name, Value: listenValue(name)}
		default:
			return true
		}
		at := set.Position(call.Pos())
		found.Seen = fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)
		return false
	})
	return found
}

// readsVariable tells whether a function's name is that of one that reads a
// variable of the environment.
func readsVariable(function string) bool {
	return strings.HasSuffix(function, "env") || strings.HasSuffix(function, "Env")
}

// definesFlag tells whether a function's name is that of one that defines a flag,
// in package flag or in one like it.
func definesFlag(function string) bool {
	for _, kind := range []string{"String", "Int", "Uint", "TextVar"} {
		if strings.HasPrefix(function, kind) {
			return true
		}
	}
	return false
}

// listenValue is what to give it: a port, or an address.
func listenValue(name string) string {
	if strings.HasSuffix(strings.ToLower(name), "port") {
		return "{{app_port}}"
	}
	return "127.0.0.1:{{app_port}}"
}

// firstLiteral is the first argument that is a literal string: in all packages of
// flags, the name comes before the default and the explanation.
func firstLiteral(arguments []ast.Expr) string {
	for _, argument := range arguments {
		if l, ok := argument.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			if err == nil {
				return text
			}
		}
	}
	return ""
}
