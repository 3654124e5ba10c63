// Package ci holds the rules of the project as tests: which package may import
// which, what a file may contain, and that the documents tell the truth. It has
// no code of its own and is imported by nothing. Beside it stand the scripts of
// continuous integration and, in tools.mod, the pinned tools.
package ci
