# Kapflow. `make help` lists all targets. CI runs `make check` and `make dependencies`.
SHELL := /bin/sh
GO ?= go
TOOLS := -modfile=tools/go.mod
# Programs, tests, checks and the embedded Temporal server are built alike, so that what they share is compiled once. Only the race detector
# needs cgo.
export GOFLAGS := -mod=readonly -trimpath
export CGO_ENABLED := 0
# Tests use more memory and less processor time: garbage is collected when the heap has grown to five times its size, not twice.
TEST := GOGC=400 $(GO) test
RACE := CGO_ENABLED=1 $(TEST) -race
# In CI every test runs, whatever passed on the machine before.
COUNT := $(if $(CI),-count=1)

.PHONY: help pictures setup demo test check fmt fmt-check vet staticcheck workflowcheck drift generate bench build clean record-histories replay-released test-only drills chaos fuzz compose-test clock-test sbom outdated vulncheck dependencies

help: ## List every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: ## Fetch the pinned modules and PostgreSQL's programs, and build the embedded Temporal server once
	@sh tools/setup.sh
	@$(GO) mod download
	@$(GO) run ./devstack/setup

build: ## Build bin/starter and bin/worker
	@mkdir -p bin
	@$(GO) build -o bin/ ./starter ./worker

demo: build ## Play sample courses on its own servers; ARGS=--exit ends it by itself
	@exec bin/starter demo $(ARGS)

test: setup build test-only ## Run all tests but the drills, after the set-up

check: setup build fmt-check vet staticcheck workflowcheck drift test-only ## Run all checks and tests that CI runs

# The rooms run under the race detector. Some tests run without it:
# - those of starter, which play courses from end to end and run whole commands. They take three times as long there, wait for servers that it
#   does not see, and run code that the rooms' own tests cover;
# - PLAYED, which play hundreds of courses in one goroutine;
# - e2e and bench, which kill whole processes and count history events;
# - the tests of the repository's own files and words, care, practice, documents, recordexport and worker/dryrun, which have no goroutines
#   and compute for long: they run thousands of random courses and texts, and check output against a schema of 680 definitions. One
#   test makes documents at the same time; it runs under the race detector.
# The packages that take longest begin first, and the others run beside them. So do the two commands for single tests. Checks look at the code,
# so tests leave vet out.
PLAYED := ^Test(HundredAndFiftyCancellationsLeaveNoReminder|ASampleCourseIsToldWithItsMessagesAndMoney)$$
UNVETTED := -vet=off
test-only:
	$(RACE) $(COUNT) -timeout 20m $(UNVETTED) -skip '$(PLAYED)' ./store ./worker/wiring ./devstack $$($(GO) list ./... | grep -v -E '^kapflow(/(care|practice|documents|recordexport|starter|worker/dryrun|e2e|bench)(/.*)?)?$$') ./starter/rehearsal
	$(RACE) $(COUNT) $(UNVETTED) -timeout 20m -run '^TestDocumentsAreMadeAtTheSameTime$$' ./documents & documents=$$!; \
	$(TEST) $(COUNT) $(UNVETTED) -timeout 20m -run '$(PLAYED)' ./worker/wiring & played=$$!; \
	$(TEST) $(COUNT) $(UNVETTED) -timeout 20m ./e2e ./e2e/browser ./starter ./bench/... ./e2e/... . ./care/... ./practice/... ./documents/... ./recordexport/... ./starter/words ./worker/dryrun; \
	code=$$?; wait $$documents || code=$$?; wait $$played || code=$$?; exit $$code

fmt: ## Format
	@gofmt -w $$(git ls-files '*.go')

fmt-check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted (make fmt):"; echo "$$out"; exit 1; fi

vet:
	$(GO) vet ./...
	@dir=$$(mktemp -d) && modfile=$$($(GO) run ./devstack/setup -slim "$$dir") && cd devstack/server && $(GO) vet -modfile="$$modfile" ./...; code=$$?; rm -rf "$$dir"; exit $$code

staticcheck:
	$(GO) tool $(TOOLS) staticcheck ./...

workflowcheck: ## Check that workflow code is deterministic
	$(GO) tool $(TOOLS) workflowcheck -config tools/workflowcheck.yaml ./workflows/... ./care/...

pictures: setup ## Take the pictures of the staff console that the README and the guides show
	@mkdir -p bin/pictures
	KAPFLOW_PICTURES=$(CURDIR)/bin/pictures $(GO) test ./e2e/browser -count=1 -timeout 30m -run 'TestStaff'
	@cp bin/pictures/desk-client.png docs/console-client.png
	@cp bin/pictures/desk-form-preview.png docs/console-form.png
	@for p in bin/pictures/guide-*.png; do cp $$p docs/guide/$${p#bin/pictures/guide-}; done

generate: ## Write the generated files again
	@$(GO) run ./config/example > .env.example
	@$(GO) run ./config/example compose > docker-compose.yml
	@$(GO) run ./starter facts --markdown > docs/facts.md
	@$(GO) run ./starter words --markdown > docs/words.md
	@$(GO) run ./care/message/states > docs/message-states.md

drift: generate ## Fail if a generated file is not up to date
	@git diff --exit-code -- .env.example docker-compose.yml docs/facts.md docs/message-states.md docs/words.md || { echo "generated files changed: commit them"; exit 1; }

bench: build ## Measure the standard course against bare workflows on the same server
	$(GO) run ./bench

record-histories: build ## Record the charts and histories of a release, under its commit (only from released code)
	$(GO) run ./e2e/record

replay-released: ## Replay the recorded histories of each released build with that build's own code
	@sh tools/replay-released.sh

N ?= 5

chaos: setup ## Kill worker, Temporal and Postgres N times at random in mid-course, or with NETWORK=1 disturb their network; a run that was ended goes on
	@mkdir -p bin
	KAPFLOW_CHAOS=$(N) KAPFLOW_CHAOS_NETWORK=$(NETWORK) KAPFLOW_CHAOS_STATE=$(CURDIR)/bin/chaos$(if $(NETWORK),-network)-$(N).json KAPFLOW_E2E_SEED=$(SEED) $(GO) test ./e2e -count=1 -v -timeout 24h -run '^TestChaos$$'

drills: setup build ## Run the long forms of the tests: every course on the servers, five people through pages, outages as long as promised
	KAPFLOW_DRILL=1 $(GO) test -count=1 -timeout 3h -p 1 ./care ./starter ./e2e ./e2e/browser

fuzz: ## Run every fuzz target for FUZZTIME each (default 1m); what fails is kept in testdata/fuzz
	@GO=$(GO) sh tools/fuzz.sh

compose-test: ## Run docker-compose.yml for real, with Docker or podman: start, restarts, upgrade, new keys, backup and restore
	@sh tools/compose/test.sh

clock-test: ## Play courses while the clock of Temporal's own server jumps; the first run builds that server
	@GO=$(GO) sh tools/clock/test.sh

dependencies: sbom outdated vulncheck ## Check the modules' hashes, list newer versions and known vulnerabilities, and write the SBOM
	@$(GO) mod verify

vulncheck: ## Look for known vulnerabilities in the database that GOVULNDB names, such as file:///srv/vulndb or https://vuln.go.dev
	@if [ -n "$$GOVULNDB" ]; then $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 -db "$$GOVULNDB" ./...; \
	else echo "known vulnerabilities were not looked for: GOVULNDB is not set"; fi

sbom: build ## List the modules that are in each program, with their versions and hashes, in bin/*.sbom.txt
	@for program in worker starter; do $(GO) version -m bin/$$program > bin/$$program.sbom.txt; done

outdated: ## Compare the direct modules with the newest that the module proxy serves
	@$(GO) list -m -f '{{if not (or .Indirect .Main)}}{{.Path}}{{end}}' all | grep . | xargs $(GO) list -mod=mod -m -u -f '{{if .Update}}{{.Path}} {{.Version}} -> {{.Update.Version}}{{end}}' | grep . || echo "every direct module is the newest"

clean: ## Remove built programs
	@rm -rf bin
