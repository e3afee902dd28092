// Command proxybench measures what a proxy adds to a round trip to PostgreSQL: SELECT 1 over a direct connection, through
// the proxy of tiebeam chaos, and through Toxiproxy without a toxic, in turns of one run.
//
//	go run . postgresql://user:password@127.0.0.1:5432/postgres
//
// It is a module of its own, so that Toxiproxy is no dependency of tiebeam.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/proxy"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

func main() {
	turns := flag.Int("turns", 20, "how often each way has its turn")
	queries := flag.Int("queries", 500, "queries of one turn")
	flag.Parse()
	if err := run(flag.Arg(0), *turns, *queries); err != nil {
		fmt.Fprintln(os.Stderr, "proxybench:", err)
		os.Exit(1)
	}
}

// way is one way to the server.
type way struct {
	name  string
	conn  *pgx.Conn
	times []time.Duration
}

func run(direct string, turns, queries int) error {
	u, err := url.Parse(direct)
	if err != nil {
		return err
	}
	ours, err := own(u.Host)
	if err != nil {
		return err
	}
	theirs, err := toxi(u.Host)
	if err != nil {
		return err
	}
	var ways []*way
	for _, w := range []struct{ name, host string }{{"direct", u.Host}, {"tiebeam", ours}, {"toxiproxy", theirs}} {
		to := *u
		to.Host = w.host
		conn, err := pgx.Connect(context.Background(), to.String())
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		ways = append(ways, &way{name: w.name, conn: conn})
	}
	for range turns {
		for _, w := range ways {
			for range queries {
				began := time.Now()
				var one int
				if err := w.conn.QueryRow(context.Background(), "SELECT 1").Scan(&one); err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
				w.times = append(w.times, time.Since(began))
			}
		}
	}
	base := time.Duration(0)
	for _, w := range ways {
		slices.Sort(w.times)
		median := w.times[len(w.times)/2]
		if base == 0 {
			base = median
		}
		fmt.Printf("%-10s median %8s  p95 %8s  added at the median %8s\n", w.name, median, w.times[len(w.times)*95/100], median-base)
	}
	return nil
}

// own starts the proxy of tiebeam in front of a server.
func own(host string) (string, error) {
	authority, err := proxy.NewAuthority()
	if err != nil {
		return "", err
	}
	h := proxy.New(proxy.Options{}, authority)
	h.Run(ledger.New(fault.Plan{}, true))
	return h.Listen("127.0.0.1:0", "", wire.Postgres, proxy.Upstream{Network: "tcp", Address: host})
}

// toxi starts Toxiproxy in front of a server.
func toxi(host string) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	l.Close()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "postgres", address, host)
	return address, p.Start()
}
