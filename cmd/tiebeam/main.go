// Command tiebeam finds the guards of a Python service and reports where one is missing, and what a change removes or
// weakens.
package main

import (
	"os"

	"github.com/tiebeam/tiebeam/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
