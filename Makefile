# Everything a developer or a build server runs. `make run` and `make test` need
# nothing but Go, and Node.js for the pages; the other targets say what else they want.
.PHONY: run build build-s3 web test race test-long test-long-tests test-long-race generate drift migration lint fmt
.DEFAULT_GOAL := build

# Runs from the module cache under its own versions and leaves go.mod alone. Its
# own cache stays in the checkout: shared, it would name files of another one.
LINT := GOLANGCI_LINT_CACHE=$(CURDIR)/.cache/golangci-lint go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2

WEB := internal/web
PAGES := $(WEB)/dist/index.html

# No paths of this machine in what is built. Every target says so, to share one cache.
export GOFLAGS := -trimpath $(GOFLAGS)
# No symbol tables in the program. make VERSION=v1.2.3 names it outside of a checkout.
LINKED := -ldflags "-s -w $(if $(VERSION),-X main.version=$(VERSION))"

# Start the server on ./data, more flags by ARGS="--listen :9000".
run: build
	./bin/cleargrid serve $(ARGS)

# Build ./bin/cleargrid, with the pages when Node is there.
build: $(if $(shell command -v npm),$(PAGES))
	go build $(LINKED) -o bin/cleargrid ./cmd/cleargrid

# The program for installations with an S3 store: the embedded one is left out.
build-s3:
	go build -tags noembeddedstore $(LINKED) -o bin/cleargrid-s3 ./cmd/cleargrid
	go test -tags noembeddedstore -count=1 ./cmd/cleargrid

# The pages, into the folder that the program embeds (needs Node.js 20 or later).
web: $(PAGES)

$(PAGES): $(WEB)/node_modules/.package-lock.json $(shell find $(WEB)/src $(WEB)/public -type f -not -path '*/gql/*') $(wildcard $(WEB)/*.html $(WEB)/*.ts $(WEB)/*.js graph/schema/*.graphqls)
	cd $(WEB) && npm run --silent build
	touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	cd $(WEB) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-progress
	touch $@

# How tests are run: .ci/run puts a program in its place that also notes how long each took.
TEST := go test
# Never from the cache, which does not watch databases; `make lint` has every check of go vet, and more.
RUN = $(TEST) -count=1 -vet=off
# The packages that take longest begin first, or the last of them would run alone.
FIRST := ./internal/e2e/pages ./internal/app ./internal/e2e/api ./graph ./internal/e2e/faults

# Every test but those of test-long.
test: $(if $(shell command -v npm),$(PAGES))
	@go run ./internal/testkit/available
	$(RUN) -timeout 30m $(FIRST) ./...

# The packages where goroutines meet, under the race detector (needs a C compiler): the
# transports and loaders, the queue, the transactions and followers, the feed of changes.
# Two tests of size, a third of the time, are left to test-long: what they measure is not
# what the detector leaves of it, and what they do at once other tests do too.
SIZE := ^(TestThousandsOfHazardsInOneSchool|TestUploadsTakeLittleMemory)$$
race:
	$(RUN) -race -timeout 20m -skip '$(SIZE)' ./graph/... ./internal/job/... ./internal/store/...
	$(RUN) -race -timeout 20m -run 'Change|Follow|Feed|Live' ./internal/app/... ./internal/feed/...

# What takes long and seldom breaks: the files with the build tag `long`, which are the
# tests on Ceph and the largest files in a browser, and every package under the race
# detector (but the end-to-end tests: the program that they start is built without it).
# .ci/run does a part when its inputs are not those noted in .ci/long.passed, a file to
# be committed; .ci/long says what they are.
test-long: test-long-tests test-long-race

test-long-tests: $(if $(shell command -v npm),$(PAGES))
	$(RUN) -timeout 20m -tags long -run '^TestTakesLong' $(sort $(dir $(shell grep -rlx --include='*_test.go' '//go:build long' ./internal ./graph ./cmd)))
	.ci/long passed tests

test-long-race:
	$(RUN) -race -timeout 40m $$(go list ./... | grep -v /internal/e2e/)
	.ci/long passed race

# Write the generated code: ent first, because GraphQL binds to its types.
generate:
	go generate ./ent
	go tool gqlgen generate

# Fail when generated code, migrations or go.mod lag behind what they are made from, or
# when a module is not what go.sum says (needs git and PostgreSQL).
drift: generate
	go mod tidy -diff
	go mod verify
	$(MAKE) migration name=drift
	@changes="$$(git status --porcelain -- ent graph go.mod go.sum)" && \
	if [ -n "$$changes" ]; then echo "Not committed, or not what the generators write:"; echo "$$changes"; exit 1; fi

# Write the migration from the last one to ent/schema: make migration name=add_notice (needs PostgreSQL).
migration:
	@test -n "$(name)" || { echo "usage: make migration name=what_changes"; exit 2; }
	go run ent/migrations/new.go $(name)

# Every linter of .golangci.yml.
lint:
	$(LINT) run ./...

# Format by the rules that lint checks.
fmt:
	$(LINT) fmt ./...
