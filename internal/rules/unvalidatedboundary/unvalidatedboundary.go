// Package unvalidatedboundary reports outside input that is used as it came.
//
// # What it guards
//
// The body of a request, the payload of a message and the mapping a public function takes have to pass a schema, a
// conversion or a check before code relies on them.
//
// # Why it bears load
//
// A missing key is an error 500, a string where a number was meant travels until it fails far away or is stored, and
// a negative amount is a transfer in the other direction. An annotation on the name is believed by the type checker
// and checked by nobody.
//
// # When it is silent
//
// A body that is passed whole to other code may be validated there; so may one that is tested for keys. Conversions
// such as int(...) and calls of functions that raise count as checks, as do a look-up whose result is tested and a
// handler for what goes wrong, a look-up by an identity, and a call whose result is passed on whole. The fields of a form, a query and an address are text by the framework's care. Tests
// are not judged.
//
// # What to do instead
//
// Declare the body as a model and let the framework validate it, or pass it to a schema: Order.model_validate(body).
//
// # References
//
//   - [Pydantic: Models]
//   - [FastAPI: Request Body]
//
// [Pydantic: Models]: https://docs.pydantic.dev/latest/concepts/models/
// [FastAPI: Request Body]: https://fastapi.tiangolo.com/tutorial/body/
package unvalidatedboundary

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unvalidatedboundary.go testdata/unvalidatedboundary.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "unvalidated-boundary",
	Guard:    program.Validation,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Admit) {
		if site.What == "mapping" {
			pass.Report(site, site.Detail+" is annotated with a type that nothing checks")
			continue
		}
		pass.Report(site, site.Detail+" uses outside input as it came: nothing validates it")
	}
}
