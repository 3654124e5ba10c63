# leaklab. `make` alone prints the targets.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
TOOL    := go tool -modfile=ci/tools.mod
GOTEST  := go run ./ci/gotest -timeout 5m
BENCH   ?= .
COUNT   ?= 6

# Packages that share memory between goroutines. harness/lab is not among them: it
# judges targets, and the race detector's own memory is off-heap growth to it.
RACE := ./harness/backend/... ./harness/gauge/... ./harness/journal/... ./harness/load/... \
	./harness/probe/... ./harness/target/... ./leaky/... ./fixed/... ./scenarios/fraudcheck/...

# The platforms that cross compiles for, beside the one that it runs on.
CROSS := darwin/arm64 windows/amd64 linux/arm64

.PHONY: help build bench-memory demo trade-offs check test short race lint cross bench aa sensitivity measurements clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## compile bin/leaklab
	go build -ldflags '-X main.version=$(VERSION)' -o bin/leaklab ./cmd/leaklab

bench-memory: build ## serve the leaky handler and every fix side by side, and judge them
	bin/leaklab run fraud-check

demo: build ## a quick look: few risky users, full speed, the report in reports/out/demo
	bin/leaklab run fraud-check --rate max --set data.risky_users=100 --force --out reports/out/demo

trade-offs: build ## sweep 100 to 1 000 000 risky users into docs/trade-offs.md; SWEEP='--redis-url …' for Redis's memory
	bin/leaklab sweep fraud-check-sizes --set data.risky_users=100,1000,10000,100000,1000000 --latency 20ms --out reports/out/trade-offs $(SWEEP)
	cp reports/out/trade-offs/report.md docs/trade-offs.md

check: lint race test ## everything that continuous integration does; names what it skipped

test: ## all tests; LEAKLAB_NO_SKIP=1 makes a skipped test a failure
	$(GOTEST) ./...

short: ## the tests that take no time
	go test -short ./...

race: ## the concurrent packages under the race detector, which needs a C compiler
	@if command -v "$$(go env CC)" >/dev/null; then set -x; go test -race -short -timeout 3m $(RACE); \
	elif [ -n "$$LEAKLAB_NO_SKIP" ]; then echo 'race: a C compiler is missing and LEAKLAB_NO_SKIP is set' >&2; exit 1; \
	else echo 'skipped: race: a C compiler is missing'; fi

lint: ## gofmt, go vet, staticcheck and go mod tidy, without changing anything
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt -w these: $$unformatted" >&2; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	go mod tidy -diff

cross: ## compile code and tests for the other platforms
	@for platform in $(CROSS); do \
		export GOOS=$${platform%/*} GOARCH=$${platform#*/} CGO_ENABLED=0; \
		echo "$$platform: go build, go vet"; \
		go build ./... && go vet ./... || exit 1; \
	done

bench: ## benchmarks, as benchstat reads them; BENCH=regexp and COUNT=n choose
	@go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

aa: ## run the lab on clean services and count false alarms; MEASURE='-runs 100' for more
	go run ./ci/measure aa $(MEASURE)

sensitivity: ## run the lab on leaks of known size and count what it catches
	go run ./ci/measure sensitivity $(MEASURE)

measurements: ## put what aa and sensitivity measured, and aa resampled, into docs/measurements.md
	go run ./ci/measure report -o docs/measurements.md reports/out/measure/*.jsonl
	go run ./ci/measure resample -o docs/measurements.md reports/out/measure/aa.jsonl

clean: ## remove what the other targets made
	rm -rf bin reports/out coverage.out
