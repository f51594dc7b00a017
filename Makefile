# kometia-sim: `make help` lists what there is to make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

LINT := .bin/golangci-lint
# Packages with specs that need no race detector: see CONTRIBUTING.
UNRACED = $(sort $(dir $(shell grep -rl --include='*_test.go' --exclude-dir=node_modules '"unraced"' .)))
# Packages whose specs mostly wait, for a receiver to come to rest or for a response
# that does not come: several processes share them. go vet is the linter's.
WIDE := ./cmd/kometia-sim ./scenarios ./scenarios/fuzz ./scenarios/fuzz/history ./simulator/practice
NARROW = $(filter-out $(WIDE:.%=$(shell go list -m)%),$(shell go list ./...))
WIDELY := go tool ginkgo -procs=4 -vet=off -timeout=30m -randomize-all -keep-going -no-color

.PHONY: help build quick test lint fmt golden pictures bench soak conformance matrix fuzz-proof fixes serve-proof browser fuzz-targets notice vuln check release reproducible clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

build: ## build one static binary, bin/kometia-sim
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -buildid=' -o bin/kometia-sim ./cmd/kometia-sim

release: ## build dist/ for linux, darwin and windows, with checksums
	.ci/release dist

reproducible: ## build a release twice, from two clones, and compare the bytes
	.ci/reproducible

quick: ## run what needs only Go, without race detector: the inner loop, under a minute
	go test ./... -ginkgo.label-filter='!whole' -ginkgo.randomize-all

test: ## run all tests against real receivers, with the race detector but for what has no races of its own
	.ci/runtimes
	go test -race -vet=off -p 4 -timeout 20m $(NARROW) -ginkgo.label-filter='!unraced' -ginkgo.randomize-all
	$(WIDELY) -race -label-filter='!unraced' $(WIDE)
	$(WIDELY) -fail-on-empty -label-filter=unraced $(UNRACED)

lint: $(LINT) ## check style and import directions
	$(LINT) run --allow-parallel-runners ./...
	$(LINT) fmt --diff

fmt: $(LINT) ## format the code
	$(LINT) fmt

golden: ## write the golden files and generated docs anew
	UPDATE_GOLDEN=1 go test ./schemas/... ./simulator/... ./scenarios/... ./report/... ./cmd/... ./docs/...

pictures: ## make the pictures of docs/img anew, from real runs
	.ci/pictures

bench: ## measure what has a speed goal, next to the goals
	.ci/bench

soak: ## play the whole catalogue 150 times, slowed and under load too; ROUNDS=50
	.ci/soak

conformance: ## play the catalogue against the practice receiver
	go run ./cmd/kometia-sim run --target practice

matrix: ## play the whole catalogue against every practice receiver
	MATRIX=1 $(WIDELY) -focus 'on every practice receiver' ./cmd/kometia-sim

fuzz-proof: ## find every flawed receiver of the family from five seeds
	FUZZ_PROOF=1 go test -timeout 30m ./scenarios/fuzz -v -ginkgo.v -ginkgo.focus 'Proof finds'

fixes: ## paste every printed fix into an application of its framework
	.ci/runtimes
	RUNTIMES_TABLE=examples/receivers/fixes.tsv .ci/runtimes
	FIXES=1 go test -timeout 20m ./examples/receivers -ginkgo.focus 'a printed fix'

browser: ## go through the page of serve in Chromium, with a PHP receiver; PICTURES=docs/img
	.ci/browser/run

serve-proof: ## serve: 490,000 attempts on five subscriptions, and 200 kills at any moment
	SERVE_PROOF=1 go test -timeout 30m ./cmd/kometia-sim -v -ginkgo.v -ginkgo.focus 'serve, proven'
	SERVE_PROOF=1 go test -timeout 10m ./simulator/platform/control -ginkgo.focus 'whatever anyone asks'

fuzz-targets: ## fuzz every reader of foreign bytes for 20 s; FUZZTIME=5m
	.ci/fuzz-targets

notice: ## write NOTICE anew: the licences of what the program contains
	.ci/notice > NOTICE

vuln: ## look for known vulnerabilities, where their database can be reached
	.ci/vulncheck

check: test lint vuln ## all that CI runs

clean: ## remove what was built
	rm -rf bin .bin dist

$(LINT): .ci/tools/go.sum
	cd .ci/tools && go build -o ../../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	touch $(LINT)
