package redirect

import (
	"maps"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// TestPlan: which services an environment names, whether they are to be spoken to with TLS, and what leads to proxies
// instead. The address of the proxy of the n-th service is 127.0.0.1:n.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name        string
		environment []string
		named       []Named
		routes      []Route
		led         map[string]string
	}{
		{
			"a URL keeps what is not about the way", []string{"DATABASE_URL=postgresql+psycopg://u:p%20w@db.test/shop?connect_timeout=3&sslmode=verify-full"}, nil,
			[]Route{{Protocol: wire.Postgres, Network: "tcp", Address: "db.test:5432", TLS: true, URL: "postgresql://u:p%20w@db.test/shop?connect_timeout=3&sslmode=verify-full"}},
			map[string]string{
				"DATABASE_URL": "postgresql+psycopg://u:p%20w@127.0.0.1:0/shop?connect_timeout=3&sslmode=disable",
				"PGSSLMODE":    "disable", "PGGSSENCMODE": "disable", "PGCHANNELBINDING": "disable",
			},
		},
		{
			"a URL without a mode has that of libpq", []string{"DATABASE_URL=postgres://u@127.0.0.1:5433/shop", "PGSSLMODE=require"}, nil,
			[]Route{{Protocol: wire.Postgres, Network: "tcp", Address: "127.0.0.1:5433", TLS: true, URL: "postgresql://u@127.0.0.1:5433/shop"}},
			map[string]string{"DATABASE_URL": "postgres://u@127.0.0.1:0/shop", "PGSSLMODE": "disable", "PGGSSENCMODE": "disable", "PGCHANNELBINDING": "disable"},
		},
		{
			"variables of libpq and a URL of the same server are one service", []string{"PGHOST=127.0.0.1", "PGPORT=5433", "DB=postgres://u@127.0.0.1:5433/shop"}, nil,
			[]Route{{Protocol: wire.Postgres, Network: "tcp", Address: "127.0.0.1:5433", URL: "postgresql://u@127.0.0.1:5433/shop"}},
			map[string]string{"DB": "postgres://u@127.0.0.1:0/shop", "PGHOST": "127.0.0.1", "PGPORT": "0", "PGHOSTADDR": "", "PGSSLMODE": "disable", "PGGSSENCMODE": "disable"},
		},
		{
			"a socket", []string{"PGHOST=/run/pg", "PGUSER=u"}, nil,
			[]Route{{Protocol: wire.Postgres, Network: "unix", Address: "/run/pg/.s.PGSQL.5432", URL: "postgresql://u:@/u?host=%2Frun%2Fpg&port=5432"}},
			map[string]string{"PGHOST": "127.0.0.1", "PGPORT": "0", "PGHOSTADDR": "", "PGSSLMODE": "disable", "PGGSSENCMODE": "disable"},
		},
		{
			"Redis, and a protocol that is not read", []string{"CACHE=redis://:pw@localhost/2", "MYSQL=mysql://u@localhost/shop"}, nil,
			[]Route{{Protocol: wire.Redis, Network: "tcp", Address: "localhost:6379", URL: "redis://:pw@localhost/2"}, {Protocol: wire.Opaque, Network: "tcp", Address: "localhost:3306"}},
			map[string]string{"CACHE": "redis://:pw@127.0.0.1:0/2", "MYSQL": "mysql://u@127.0.0.1:1/shop"},
		},
		{
			"HTTP where it is named, and host and port apart", []string{"PAY=http://localhost:8080/v1", "OTHER=http://localhost:1", "SECURE=https://localhost", "QUEUE=localhost", "QUEUE_PORT=6380"},
			[]Named{{Name: "PAY"}, {Name: "QUEUE", Port: "QUEUE_PORT", Protocol: wire.Redis}},
			[]Route{{Protocol: wire.HTTP, Network: "tcp", Address: "localhost:8080"}, {Protocol: wire.Redis, Network: "tcp", Address: "localhost:6380"}},
			map[string]string{"PAY": "http://127.0.0.1:0/v1", "QUEUE": "127.0.0.1", "QUEUE_PORT": "1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Plan(c.environment, c.named)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.All) != len(c.routes) {
				t.Fatalf("%+v, want %+v", r.All, c.routes)
			}
			var addresses []string
			for i, want := range c.routes {
				if r.All[i] != want {
					t.Errorf("%+v, want %+v", r.All[i], want)
				}
				addresses = append(addresses, "127.0.0.1:"+string(rune('0'+i)))
			}
			if led := r.Environment(addresses); !maps.Equal(led, c.led) {
				t.Errorf("%q, want %q", led, c.led)
			}
		})
	}
}

// TestRefused: what cannot be led through a proxy is said, and what may be a password is not.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		entry string
		named []Named
		says  string
	}{
		{"CACHE=rediss://localhost", nil, "rediss (Redis over TLS) is not supported"},
		{"PAY=https://localhost", []Named{{Name: "PAY"}}, "https is led through HTTPS_PROXY"},
		{"PAY=https://localhost", []Named{{Name: "PAY", Protocol: wire.HTTP}}, "https is led through HTTPS_PROXY"},
		{"PAY=localhost", []Named{{Name: "PAY"}}, "name its protocol"},
		{"DB=postgres://u:hunter2@a,b/shop", nil, "several hosts"},
		{"DB=postgres://u:hunter2%zz@a/shop", nil, "not a URL that can be read"},
		{"OTHER=1", []Named{{Name: "PAY"}}, "PAY is to be redirected and is not set"},
	} {
		_, err := Plan([]string{c.entry}, c.named)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", c.entry, err, c.says)
		}
	}
}
