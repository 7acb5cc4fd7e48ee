# Kapflow. `make help` lists everything; `make check` is exactly what CI runs.
SHELL := /bin/sh
GO ?= go
TOOLS := -modfile=tools/go.mod
export GOFLAGS := -mod=readonly

.PHONY: help setup demo test check fmt fmt-check vet staticcheck workflowcheck drift generate bench build clean record-histories replay-released test-only

help: ## List every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: ## Fetch what is pinned: modules, PostgreSQL's programs, the embedded Temporal server (built once)
	@sh tools/setup.sh
	@$(GO) mod download
	@$(GO) run ./devstack/setup

build: ## Build bin/starter and bin/worker
	@mkdir -p bin
	@$(GO) build -trimpath -o bin/ ./starter ./worker

demo: build ## Play sample courses on servers of its own; ARGS=--exit ends by itself
	@exec bin/starter demo $(ARGS)

test: setup build test-only ## Everything CI runs but lint; sets itself up

check: setup build fmt-check vet staticcheck workflowcheck drift test-only ## Exactly what CI runs

# The rooms run under the race detector. Courses played from end to end run without it: they wait for servers that it does
# not look into, take three times as long there, and the rooms' own tests meet the same code. So does what kills whole
# processes and what counts history events, which would measure the detector; and recordexport, which has no goroutine and holds
# what it writes to a schema of 680 definitions.
test-only:
	$(GO) test -race -timeout 20m -skip '^TestEvery(ShippedCourse|CaseHolds)$$' $$($(GO) list ./... | grep -v -e '^kapflow/e2e' -e '^kapflow/bench' -e '^kapflow/recordexport')
	$(GO) test -timeout 20m -run '^TestEvery(ShippedCourse|CaseHolds)$$' ./starter
	$(GO) test -timeout 20m ./e2e/... ./bench/... ./recordexport/...

fmt: ## Format
	@gofmt -w $$(git ls-files '*.go')

fmt-check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted (make fmt):"; echo "$$out"; exit 1; fi

vet:
	$(GO) vet ./...
	@cd devstack/server && CGO_ENABLED=0 $(GO) vet -trimpath ./...

staticcheck:
	$(GO) tool $(TOOLS) staticcheck ./...

workflowcheck: ## Determinism of workflow code
	$(GO) tool $(TOOLS) workflowcheck -config tools/workflowcheck.yaml ./workflows/... ./care/...

generate: ## Make generated files anew
	@$(GO) run ./config/example > .env.example
	@$(GO) run ./starter facts --markdown > docs/facts.md
	@$(GO) run ./care/message/states > docs/message-states.md

drift: generate ## Generated files must not drift from the code
	@git diff --exit-code -- .env.example docs/facts.md docs/message-states.md || { echo "generated files changed: commit them"; exit 1; }

bench: build ## Measure the standard course against bare workflows on the same server
	$(GO) run ./bench

record-histories: build ## Record the charts and histories of a release, under its commit (from released code only)
	$(GO) run ./e2e/record

replay-released: ## Replay the recorded histories of each released build with that build's own code
	@sh tools/replay-released.sh

clean: ## Remove built programs
	@rm -rf bin
