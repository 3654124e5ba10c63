// Package leaktest is leaklab in go test: [Handler] measures an HTTP handler in a
// process of its own, [Func] any function in the test's process, and both fail the
// test with the growth of each request or call, the line that allocates it, and
// the command to check that without leaklab. [Benchmark] reports what a call
// leaves behind as metrics that benchstat compares.
//
//	func TestCheckoutLeaksNothing(t *testing.T) {
//		leaktest.Handler(t, func() http.Handler { return shop.New() }, leaktest.Config{
//			Request: func(i int) harness.Request {
//				return harness.Request{Path: "/cart/" + strconv.Itoa(i)}
//			},
//		})
//	}
//
//	func TestParseLeaksNothing(t *testing.T) {
//		leaktest.Func(t, func(i int) { parse(input) }, leaktest.Config{})
//	}
//
// What is measured, and when it is a leak, is what package lab measures of any
// service and package judge says of it: live bytes, live objects and goroutines
// after collections, over rounds of new requests, the same ones again, none, and
// as many as there is time for. A cache that fills is no leak.
//
// It refuses to guess: what the evidence does not settle fails the test as
// inconclusive, with what would settle it. It stands beside the command in the
// flow, above package lab, and brings along nothing that needs Docker, a database
// or a terminal.
//
// The commands judge a planted leak and its clean twin before they trust the machine;
// here that is a test of your own: a function that leaks, of which [Func] must say so.
//
// The flags of go test hold. With -short half as much is done. With -artifacts
// the record and the heap profiles are kept, in a directory for each call below
// that of the test: leaklab report DIR prints it. Without it they are not written.
package leaktest
