// Package retryrepeatseffect reports writes that a retry does again, with nothing that tells a repetition from a new request.
//
// # What it guards
//
// A change outside the process that is run again when it seems to fail needs to be idempotent: a key that stays the
// same, an upsert, a unique constraint, a check in the same attempt, or a transaction that is rolled back.
//
// # Why it bears load
//
// A time-out or a lost connection says that no answer came, not that nothing was done. The second attempt charges
// the card, inserts the row or sends the message a second time.
//
// # When it is silent
//
// An idempotency key that is drawn outside what is repeated; PUT and DELETE; ON CONFLICT, INSERT IGNORE, MERGE, an
// UPDATE that does not count on what is there; a UNIQUE constraint, in a model, a migration or a statement, on
// columns that are written; a SELECT by key or a function named for it before the write in the same attempt; a
// handler for the error that a second row gives; a database transaction that the attempt opens itself. A retry on
// errors that say nothing was done (a refused connection, a rate limit, a lost race) is silent, and so is a POST
// whose function or address says that it only asks (search, token, graphql). Writes to caches and files are not
// reported. Objects of which nothing is known count as writing where the verb says so: charge, refund, send_email,
// publish, or an SQL statement. Tests are judged under --strict only.
//
// # What to do instead
//
// Draw one key before the first attempt and send it with each: headers={"Idempotency-Key": order_id}. In the
// database, make the key UNIQUE and write ON CONFLICT (order_id) DO NOTHING.
//
// # References
//
//   - [Stripe: idempotent requests]
//   - [RFC 9110, section 9.2.2: idempotent methods]
//   - [PostgreSQL: INSERT, ON CONFLICT]
//
// [Stripe: idempotent requests]: https://docs.stripe.com/api/idempotent_requests
// [RFC 9110, section 9.2.2: idempotent methods]: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
// [PostgreSQL: INSERT, ON CONFLICT]: https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
package retryrepeatseffect

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed retryrepeatseffect.go testdata/retryrepeatseffect.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "retry-repeats-effect",
	Guard:    program.Idempotency,
	Severity: finding.Error,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Write) {
		message := site.What + " is run again by the retry; nothing tells a repetition from a new request"
		if key := site.Guarded(program.Idempotency); key != nil {
			message = site.What + " is run again by the retry, and its " + key.Text + " is " + key.Weak
		}
		pass.Report(site, message)
	}
}
