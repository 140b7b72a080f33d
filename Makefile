# mijuan 密卷. `make help` lists the targets. A new Debian machine needs only Go and make: the rest is installed by `make tools`.
SHELL   := /bin/bash
GO      ?= go
DATA    ?= data/demo
LISTEN  ?= 127.0.0.1:8443
GOBIN   := $(CURDIR)/.cache/bin
export PATH := $(GOBIN):$(PATH)

.PHONY: run build demo-data test bench tools generate clean help

run: build ## build, make the demonstration firm if there is none, serve it
	@bin/mijuan demo --data $(DATA) --listen $(LISTEN) --accounts $(DATA)-accounts.json

build: ## build bin/mijuan
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o bin/mijuan ./cmd/mijuan

demo-data: build ## make the demonstration firm in $(DATA), without serving it
	@bin/mijuan demo --data $(DATA) --accounts $(DATA)-accounts.json --only-make

test: tools ## everything CI checks: format, vet, staticcheck, vulnerabilities, all tests with the real components
	@scripts/test

bench: build ## measure what mijuan is asked to reach, as a table; ROWS=list,acts for some of it
	@CGO_ENABLED=0 $(GO) build -o .cache/bench/measure ./internal/bench && .cache/bench/measure -rows "$(ROWS)"

tools: ## install what the tests need and this machine lacks
	@scripts/tools

generate: ## write the Go of the templ pages anew
	@$(GO) run github.com/a-h/templ/cmd/templ@v0.3.977 generate -path internal/web

clean: ## remove what was built; the demonstration firm stays
	@rm -rf bin .cache

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24
