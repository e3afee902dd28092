// Command newrule writes the folder of a new rule, and the list of the rules.
//
// usage: newrule NAME      write internal/rules/<name>/ and the list
//
//	newrule -registry  write the list only
//
// It is run anywhere inside the repository; `make rule name=NAME` and `make gen` call it.
package main
