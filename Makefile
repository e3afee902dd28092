.PHONY: rule gen

rule: ## Write the folder of a new rule: make rule name=unbounded-wait
	go run ./tools/newrule $(name)

gen: ## Write what is generated: the list of rules and docs/rules
	go generate ./internal/rules/all
