// Package all is the list of the rules.
//
// The list is generated from the folders beside this one, so that a rule is added by its folder and nothing else. The
// package imports the rules and rule, and its one test walks them all: names, pages, cases, budgets.
//
// Entry points: Rules, Named.
package all

//go:generate go run ../../../tools/newrule -registry
//go:generate go run ../../../tools/ruledocs
