package program_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// build makes a program of one module with what every module of these tests imports.
func build(t *testing.T, source string) *program.Program {
	t.Helper()
	const head = "import asyncio, itertools, random, time, uuid\nimport asyncpg, backoff, httpx, psycopg, stamina, tenacity\n"
	file := extract.New().Extract("app.py", head+source)
	if len(file.Problems) > 0 {
		t.Fatalf("the source does not parse: %s", file.Text(file.Problems[0].Message))
	}
	return program.Build([]*fact.File{file}, catalog.Builtin().With(nil), program.Options{})
}

// texts gives the guards of a kind as their texts, those that do not hold with the reason.
func texts(site *program.Site, kind program.GuardKind) []string {
	var all []string
	for _, g := range site.Guards {
		switch {
		case g.Kind != kind:
		case g.Weak != "":
			all = append(all, g.Text+" ("+g.Weak+")")
		default:
			all = append(all, g.Text)
		}
	}
	return all
}

// loop is a function around a loop of which the head and the handler are given.
func loop(head, handler string) string {
	return "def load(url, retries=3):\n    delay = 1\n    attempt = 0\n    " + head + "\n        try:\n            return httpx.get(url)\n" +
		"        except httpx.TransportError as error:\n            " + strings.ReplaceAll(handler, "\n", "\n            ") + "\n"
}

// decorated is a function under a decorator.
func decorated(decorator string) string {
	return "@" + decorator + "\ndef load(url):\n    return httpx.get(url)\n"
}

// TestRetryPolicies: what bounds a retry, in the normal form in which loops and decorators can be compared.
func TestRetryPolicies(t *testing.T) {
	const transport = "exceptions=httpx.TransportError"
	for _, c := range []struct {
		source string
		want   string
	}{
		{loop("for attempt in range(3):", "time.sleep(2**attempt)"), "attempts=3 backoff=exponential " + transport},
		{loop("for attempt in range(1, 6):", "time.sleep(0.5 * attempt)"), "attempts=5 backoff=linear " + transport},
		{loop("for attempt in range(retries):", "time.sleep(random.uniform(1, 2))"), "attempts=3 backoff=fixed jitter " + transport},
		{loop("for attempt in itertools.count():", "time.sleep(1)"), "backoff=fixed " + transport},
		{loop("while True:", "time.sleep(delay)\ndelay = min(delay * 2, 30)"), "backoff=exponential " + transport},
		{loop("while True:", "time.sleep(delay)\ndelay *= 2"), "backoff=exponential " + transport},
		{loop("while attempt < 4:", "attempt += 1"), "attempts=4 " + transport},
		{loop("while True:", "attempt += 1\nif attempt >= 7:\n    raise\ntime.sleep(1)"), "attempts=7 backoff=fixed " + transport},
		{loop("while True:", "if error.request:\n    raise\ntime.sleep(1)"), "attempts=? backoff=fixed " + transport},
		{loop("while True:", "pass"), transport},
		{decorated("tenacity.retry"), "exceptions=any"},
		{decorated("tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_exponential())"), "attempts=3 backoff=exponential exceptions=any"},
		{decorated("tenacity.retry(stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(9))"), "attempts=3 total=9s exceptions=any"},
		{decorated("tenacity.retry(stop=tenacity.stop_after_attempt(3) & tenacity.stop_never)"), "exceptions=any"},
		{decorated("tenacity.retry(wait=tenacity.wait_fixed(1) + tenacity.wait_random(0, 2))"), "backoff=random jitter exceptions=any"},
		{decorated("tenacity.retry(retry=tenacity.retry_if_exception_type((httpx.TransportError, OSError)))"), "exceptions=OSError,httpx.TransportError"},
		{decorated("tenacity.retry(stop=unknown)"), "attempts=? exceptions=any"},
		{decorated("stamina.retry(on=httpx.TransportError)"), "attempts=10 backoff=exponential jitter " + transport},
		{decorated("backoff.on_exception(backoff.constant, httpx.TransportError, max_tries=4, jitter=None)"), "attempts=4 backoff=fixed " + transport},
		{"again = tenacity.retry(stop=tenacity.stop_after_attempt(2))\n" + decorated("again"), "attempts=2 exceptions=any"},
	} {
		sites := build(t, c.source).Sites(program.Repeat)
		if len(sites) == 0 {
			t.Errorf("no retry in\n%s", c.source)
			continue
		}
		if got := strings.Join(texts(&sites[0], program.RetryBound), " "); got != c.want || sites[0].What != "httpx.get" {
			t.Errorf("%s\n got %s of %s\nwant %s of httpx.get", c.source, got, sites[0].What, c.want)
		}
	}
}

// TestNoRetry: loops that look like a retry and are none.
func TestNoRetry(t *testing.T) {
	for name, source := range map[string]string{
		"the next item": "def f(urls):\n    for url in urls:\n        try:\n            return httpx.get(url)\n        except OSError:\n            continue\n",
		"a worker":      "def f(queue):\n    while True:\n        try:\n            httpx.get(queue.get())\n        except httpx.TransportError:\n            continue\n",
		"a question":    "def f():\n    while True:\n        try:\n            return int(input())\n        except ValueError:\n            print('again')\n",
		"a lost race": "def f(conn: psycopg.Connection):\n    while True:\n        try:\n            return conn.execute('SELECT 1')\n" +
			"        except psycopg.errors.SerializationFailure:\n            continue\n",
		"both ways leave": "def f(url):\n    while True:\n        try:\n            return httpx.get(url)\n        except OSError:\n            return None\n",
		"no other side":   "def f(text):\n    while True:\n        try:\n            return float(text)\n        except Exception:\n            text = text[1:]\n",
	} {
		if sites := build(t, source).Sites(program.Repeat); len(sites) > 0 {
			t.Errorf("%s is taken for a retry of %s", name, sites[0].What)
		}
	}
}

// TestHelpersThatRetry: a loop that repeats a function handed in is a retry of what is handed in.
func TestHelpersThatRetry(t *testing.T) {
	const helper = `
def steady(attempts):
    def wrap(func):
        def inner(*args):
            for attempt in range(attempts):
                try:
                    return func(*args)
                except OSError:
                    time.sleep(2**attempt)
            raise OSError
        return inner
    return wrap

def again(func):
    while True:
        try:
            return func()
        except OSError:
            time.sleep(1)

@steady(5)
def pay(url):
    httpx.post(url)

def order(url):
    again(lambda: httpx.post(url))
`
	p := build(t, helper)
	var writes []string
	for _, site := range p.Sites(program.Write) {
		writes = append(writes, p.Symbol(site.Func)+" "+site.Fault)
	}
	if want := []string{"pay retry-repeats-effect", "order retry-repeats-effect"}; !slices.Equal(writes, want) {
		t.Errorf("writes %q, expected %q", writes, want)
	}
	var faults []string
	for _, site := range p.Sites(program.Repeat) {
		if site.Fault != "" {
			faults = append(faults, p.Symbol(site.Func)+" "+site.Fault)
		}
	}
	if want := []string{"again unbounded-retry"}; !slices.Equal(faults, want) {
		t.Errorf("faults %q, expected %q: the loop is judged, not the functions it is used for", faults, want)
	}
}

// TestWriteGuards: what makes a repetition harmless, and what makes writes atomic.
func TestWriteGuards(t *testing.T) {
	for _, c := range []struct {
		body                     string
		idempotency, transaction []string
	}{
		{"httpx.post(url, headers={'Idempotency-Key': key})", []string{"idempotency key"}, nil},
		{"headers = {'A': 'b'}\nheaders['X-Idempotency-Key'] = key\nhttpx.post(url, headers=headers)", []string{"idempotency key"}, nil},
		{"fresh = str(uuid.uuid4())\nhttpx.post(url, headers={'Idempotency-Key': fresh})", []string{"idempotency key (drawn anew for every call)"}, nil},
		{"httpx.put(url)", []string{"idempotent"}, nil},
		{"httpx.request('PATCH', url)", nil, nil},
		{"gateway.charge(key)", nil, nil},
		{"gateway.charge(key, idempotency_key=key)", []string{"idempotency key"}, nil},
		{"await db.execute('INSERT INTO t (a) VALUES ($1)', key)", nil, nil},
		{"await db.execute('INSERT INTO paid (k) VALUES ($1)', key)", []string{"unique(k)"}, nil},
		{"await db.execute('DELETE FROM t')", []string{"idempotent"}, nil},
		{"async with db.transaction():\n    await db.execute('INSERT INTO t (a) VALUES ($1)', key)", nil, []string{"transaction"}},
		{"db.execute('UPDATE t SET a = a + 1')\ndb.commit()", nil, []string{"commit"}},
		{"if not await db.fetchval('SELECT 1 FROM t WHERE a = $1', key):\n    await db.execute('INSERT INTO t (a) VALUES ($1)', key)", []string{"check"}, nil},
		{"try:\n    db.execute('INSERT INTO t (a) VALUES ($1)', key)\nexcept psycopg.IntegrityError:\n    pass", []string{"conflict handled"}, nil},
	} {
		source := "SCHEMA = 'CREATE TABLE paid (k text UNIQUE)'\nasync def write(url, key, db, gateway):\n    " + strings.ReplaceAll(c.body, "\n", "\n    ") + "\n"
		sites := build(t, source).Sites(program.Write)
		if len(sites) != 1 {
			t.Errorf("%d writes in\n%s", len(sites), c.body)
			continue
		}
		if got := texts(&sites[0], program.Idempotency); !slices.Equal(got, c.idempotency) {
			t.Errorf("%s\n got %q\nwant %q", c.body, got, c.idempotency)
		}
		if got := texts(&sites[0], program.Transaction); !slices.Equal(got, c.transaction) {
			t.Errorf("%s\n got %q\nwant %q", c.body, got, c.transaction)
		}
	}
}

// TestBuiltStatements: statements that are built by calls are read like those in words.
func TestBuiltStatements(t *testing.T) {
	for built, want := range map[string]string{
		"insert(Payment).values(cents=1)":                              "INSERT payment",
		"insert(Payment).values(mail=1)":                               "INSERT payment unique(mail)",
		"insert(Payment).values(cents=1).on_conflict_do_nothing()":     "INSERT payment upsert",
		"update(Payment).where(Payment.id == 1).values(cents=1)":       "UPDATE payment idempotent",
		"update(Payment).values(cents=Payment.cents + 1)":              "UPDATE payment",
		"log.insert().values({'line': 'x'})":                           "INSERT log",
		"delete(Payment).where(Payment.id == 1)":                       "DELETE payment idempotent",
		"select(Payment).where(Payment.id == 1)":                       "",
		"select(Payment).where(Payment.id == 1).values(Payment.cents)": "",
	} {
		source := "from sqlalchemy import Column, Integer, MetaData, Table, delete, insert, select, update\nfrom sqlalchemy.orm import declarative_base\n" +
			"log = Table('log', MetaData(), Column('line', Integer))\nclass Payment(declarative_base()):\n    __tablename__ = 'payment'\n" +
			"    mail = Column(Integer, unique=True)\n    cents = Column(Integer)\n\ndef write(session):\n    session.execute(" + built + ")\n"
		got := ""
		for _, site := range build(t, source).Sites(program.Write) {
			if site.Detail == "database" {
				got = strings.Join(append([]string{site.What}, texts(&site, program.Idempotency)...), " ")
			}
		}
		if got != want {
			t.Errorf("%s: %q, expected %q", built, got, want)
		}
	}
}

// TestTables: a class that is a table is a site of its own, with its unique columns.
func TestTables(t *testing.T) {
	const models = `
from django.db import models
from sqlalchemy import Column, Index, Integer, UniqueConstraint
from sqlalchemy.orm import declarative_base

Base = declarative_base()

class Payment(Base):
    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("shop", "order"), Index("once", "key", unique=True), Index("fast", "cents"))
    id = Column(Integer, primary_key=True)
    mail = Column(Integer, unique=True)

class Order(models.Model):
    number = models.CharField(unique=True)
    class Meta:
        db_table = "orders"
        unique_together = [("shop", "day")]
        constraints = [models.UniqueConstraint(fields=["a", "b"], name="ab"), models.UniqueConstraint(fields=["c"], condition=None)]

class Plain:
    unique_together = ("a", "b")
`
	p := build(t, models)
	got := map[string]string{}
	for _, site := range p.Sites(program.Write) {
		got[p.Symbol(site.Func)+" "+site.What] = strings.Join(texts(&site, program.Idempotency), " ")
	}
	want := map[string]string{
		"Payment table payment": "unique(order,shop) unique(key) unique(mail)",
		"Order table orders":    "unique(number) unique(day,shop) unique(a,b)",
	}
	if len(got) != len(want) {
		t.Errorf("tables %q, expected %q", got, want)
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s has %q, expected %q", name, got[name], text)
		}
	}
}
