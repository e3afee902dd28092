.PHONY: bench-edit compare-imports soak cascade help demo test build lint race fuzz rule gen current bench compare compare-part bench-parser
.DEFAULT_GOAL := help

FUZZTIME ?= 20s

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

demo: build ## Build tiebeam and show what it says of the example shops (needs Go only)
	@examples/demo bin/tiebeam

test: compare-part ## Install what the tests need and run all of them (needs Go and Python 3; what is absent is skipped, with its reason)
	tools/needs/needs
	go run ./tools/tally -timeout 30m ./...

soak: ## Watch real services leak for a minute, and try the agent on every Python (about five minutes; tools/needs/needs first)
	TIEBEAM_SOAK=1 go test -timeout 30m ./internal/watch/soak ./internal/watch/probe

cascade: ## Hold the simulation against real servers on this machine (five minutes)
	go run ./tools/cascade

build: ## Build bin/tiebeam, one static binary
	CGO_ENABLED=0 go build -trimpath -o bin/tiebeam ./cmd/tiebeam

race: ## Run the tests of the parts that use several goroutines under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race ./internal/tree ./internal/engine ./internal/program ./internal/catalog

lint: ## Ask gofmt and vet, also for the systems that are built for
	@test -z "$$(gofmt -l cmd internal tools)" || { gofmt -l cmd internal tools; exit 1; }
	go vet ./...
	GOOS=windows go vet ./cmd/... ./internal/...
	GOOS=darwin go vet ./cmd/... ./internal/...

fuzz: ## Run every fuzz target for FUZZTIME (20s; 2000x for that many inputs)
	@for package in $$(go list ./internal/...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

rule: ## Write the folder of a new rule: make rule name=unbounded-wait
	go run ./tools/newrule $(name)

gen: ## Write what is generated: the list of rules, docs/rules, the output that README.md shows
	go generate ./internal/rules/all
	go run ./tools/readme

current: gen ## Fail when what is generated was not up to date
	@git diff --exit-code --stat -- internal/rules/all docs/rules README.md
	@test -z "$$(git ls-files --others --exclude-standard -- internal/rules/all docs/rules README.md)"

bench: build ## Time check beside Ruff: make bench ruff=PATH corpus=FOLDER
	go run ./tools/checkbench -tiebeam bin/tiebeam -ruff $(ruff) -corpus $(corpus)

compare: ## Compare the syntax tree with every installed CPython, on the whole corpus (docs/parser.md)
	go run ./tools/astcompare -reasons

compare-part: ## The part of compare that CI runs, and random changes of it
	go run ./tools/astcompare -part -allow-none
	go run ./tools/astcompare -part -allow-none -mutate 5000

compare-imports: ## Compare the contracts on imports with import-linter itself (docs/contracts.md)
	go run ./tools/importcompare

bench-edit: build ## Time check and diff after changes of one file: make bench-edit repo=FOLDER
	go run ./tools/editbench -tiebeam bin/tiebeam -repo $(repo)

bench-parser: ## Time the parser beside ruff_python_parser, on the corpus of compare
	go run ./tools/astcompare -list | go run ./tools/parsebench
