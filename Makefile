# Everything here needs Go, git and make; `make race` also needs a C compiler, `make clients` curl, isync and
# python3. `make help` lists the targets.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO          ?= go
FUZZTIME    ?= 10s
BENCH       ?= .
BENCHTIME   ?= 1s
COUNT       ?= 1
# Pinned, so that a new release of a tool cannot break an old commit. It builds from source, through the Go module proxy.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## run the demo server on 127.0.0.1:1193 (plain) and 127.0.0.1:1993 (TLS)
	$(GO) run ./cmd/imapsrv serve --demo

.PHONY: test
test: ## run every test of the module, without a C compiler
	CGO_ENABLED=0 $(GO) test -timeout 30m ./...

.PHONY: race
race: ## run every test under the race detector (needs gcc)
	CGO_ENABLED=1 $(GO) test -race -timeout 30m ./...

.PHONY: crash
crash: ## kill the server 200 times, pull the plug of its disk, let each call to the disk fail
	$(GO) test -count=1 -timeout 60m ./internal/crash -run '^TestKill$$' -v -kills 200
	$(GO) test -count=1 -timeout 120m ./store/sqlitestore -run 'Kill|Power|Sync|Fault|Disk' -v -kills 200 -powercuts 200 -faultstep 1

.PHONY: generate
generate: ## write every generated file anew from grammar/spec
	$(GO) generate ./...

.PHONY: checkgenerate
checkgenerate: ## delete every generated file, regenerate, fail if anything differs from the commit
	.ci/checkgenerate

.PHONY: lint
lint: ## gofmt, go vet, staticcheck; the import rule is a test in internal/walls
	@unformatted="$$(gofmt -l $$(git ls-files '*.go'))"; \
	if [ -n "$$unformatted" ]; then echo "not gofmt-clean:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	cd bench && $(GO) vet ./...
	cd internal/clients && $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) test ./internal/walls

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (default 10s)
	FUZZTIME=$(FUZZTIME) .ci/fuzz

.PHONY: coverage
coverage: ## say which alternatives of the grammar examples, tables and samples reach
	$(GO) test ./imap -count=1 -run '^TestCoverage$$' -v -coverage -

.PHONY: bench
bench: ## run the benchmarks: server and client in processes of their own, then the codec's, beside others'
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x -count $(COUNT) -timeout 30m ./internal/bench
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -count $(COUNT) -benchmem -timeout 30m ./imap/...
	cd bench && $(GO) run .

.PHONY: bench-growth
bench-growth: ## say what all extensions cost: the whole codec beside one of the base protocol alone
	$(GO) run ./cmd/imapgen --out bench/base --package base --spec core,rfc9051,rfc3501,rfc7162
	cd bench && $(GO) run -tags growth . -match growth

.PHONY: bench-store
bench-store: ## run the benchmarks of the store, through the server, and print their goals and figures as a table
	$(GO) test -run '^$$' -bench '^BenchmarkStore' -benchtime 1x -count $(COUNT) -timeout 60m ./internal/bench

.PHONY: bench-peers
bench-peers: ## do the same work with the same mail on Dovecot, and print the ratios (needs dovecot-imapd)
	$(GO) test -run '^$$' -bench '^BenchmarkPeers$$' -benchtime 1x -v -timeout 30m ./internal/bench -peers

.PHONY: clients
clients: ## test with real clients: curl, mbsync, Python's imaplib, go-imap
	$(GO) build -o bin/imapsrv ./cmd/imapsrv
	cd internal/clients && IMAPSRV="$(CURDIR)/bin/imapsrv" $(GO) test -count=1 ./...

.PHONY: build
build: ## build bin/imapsrv and bin/imapgen
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/imapsrv ./cmd/imapgen

.PHONY: clean
clean: ## remove what the other targets built
	rm -rf bin bench/base
