// Package redirect finds out from an environment which services a program uses, and writes the environment that leads
// it to proxies instead.
//
// It imports wire only, is pure, and knows no socket. Invariant: what it does not understand stays as it is. Entry points: Plan, Routes.Environment.
package redirect

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Route is one service.
type Route struct {
	Protocol wire.Protocol
	// Network is tcp or unix, Address host and port or the path of a socket.
	Network, Address string
	// TLS is true where the program asks for it.
	TLS bool
	// URL is a connection string that leads to the service with its credentials, for looking at what is stored; empty
	// where none is known.
	URL string
}

// Routes are all services of an environment, and the variables that name them.
type Routes struct {
	All       []Route
	variables []variable
	sslmode   string // of libpq, for URLs that say none
	libpq     int    // index of the route of PGHOST and its like, -1 for none
}

// Named is a variable that leads to a service, as a flag or the configuration names it.
type Named struct {
	// Name is the variable. It holds a URL, or host and port, or a host where Port is set.
	Name string
	// Port is the variable that holds the port, empty for none.
	Port string
	// Protocol is what is spoken there; empty takes that of the URL's scheme.
	Protocol wire.Protocol
	// Upstream is host and port of the service; empty takes what the variable holds.
	Upstream string
}

// variable is one that leads to a service.
type variable struct {
	name string
	// value is the URL it holds, nil where it holds an address only, whose port stands in the variable port, if that is set.
	value *url.URL
	port  string
	route int
}

// schemes of URLs that are followed wherever they stand.
var schemes = map[string]struct {
	protocol wire.Protocol
	port     string
}{
	"postgres": {wire.Postgres, "5432"}, "postgresql": {wire.Postgres, "5432"}, "redis": {wire.Redis, "6379"}, "rediss": {wire.Redis, "6379"},
	"mysql": {wire.Opaque, "3306"}, "mariadb": {wire.Opaque, "3306"}, "amqp": {wire.Opaque, "5672"}, "mongodb": {wire.Opaque, "27017"},
	"http": {wire.HTTP, "80"},
}

// Plan reads an environment. URLs of databases and Redis are followed wherever they stand, and those of HTTP services
// only in the variables that are named, as the rest goes through HTTP_PROXY. A name that leads to no service is an error.
func Plan(environment []string, named []Named) (*Routes, error) {
	r := &Routes{libpq: -1}
	values := map[string]string{}
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	r.sslmode = values["PGSSLMODE"]
	ordered := make([]string, 0, len(values))
	for name := range values {
		ordered = append(ordered, name)
	}
	slices.Sort(ordered)
	for _, name := range ordered {
		if slices.ContainsFunc(named, func(n Named) bool { return n.Name == name }) {
			continue
		}
		if _, err := r.variable(Named{Name: name}, values[name], false); err != nil {
			return nil, err
		}
	}
	for _, n := range named {
		if err := r.named(n, values); err != nil {
			return nil, err
		}
	}
	r.fromLibpq(values)
	return r, nil
}

// named adds a variable that was named by hand.
func (r *Routes) named(n Named, values map[string]string) error {
	value, set := values[n.Name]
	if !set && n.Upstream == "" {
		return fmt.Errorf("%s is to be redirected and is not set", n.Name)
	}
	if strings.Contains(value, "://") {
		found, err := r.variable(n, value, true)
		if err == nil && !found {
			err = fmt.Errorf("%s holds no URL of a service", n.Name)
		}
		return err
	}
	if n.Protocol == "" {
		return fmt.Errorf("%s holds no URL of a service: name its protocol in the configuration ([[chaos.redirect]])", n.Name)
	}
	address := either(n.Upstream, value)
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), either(values[n.Port], ports[n.Protocol]))
	}
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return fmt.Errorf("%s holds no host and port of a service", n.Name)
	}
	route := Route{Protocol: n.Protocol, Network: "tcp", Address: address}
	r.variables = append(r.variables, variable{name: n.Name, port: n.Port, route: r.add(route)})
	return nil
}

// ports are those that services of a protocol have unless told otherwise.
var ports = map[wire.Protocol]string{wire.Postgres: "5432", wire.Redis: "6379", wire.HTTP: "80"}

// proxies are variables that name the proxies of others, and not services.
var proxies = []string{"http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy", "socks_proxy"}

// variable adds one that holds a URL.
func (r *Routes) variable(n Named, value string, named bool) (found bool, err error) {
	name := n.Name
	scheme, _, hasScheme := strings.Cut(value, "://")
	if !hasScheme || slices.Contains(proxies, strings.ToLower(name)) {
		return false, nil
	}
	base, _, _ := strings.Cut(strings.ToLower(scheme), "+")
	if base == "https" && named {
		return false, fmt.Errorf("%s: https is led through HTTPS_PROXY, which clients ask by themselves: do not name it", name)
	}
	known, ok := schemes[base]
	if !ok && n.Protocol != "" {
		known.protocol, known.port, ok = n.Protocol, ports[n.Protocol], true
	}
	if !ok || known.protocol == wire.HTTP && !named {
		return false, nil
	}
	u, err := url.Parse(value)
	if err != nil {
		// The message of url.Parse would show the password.
		return false, fmt.Errorf("%s is not a URL that can be read", name)
	}
	if base == "rediss" {
		return false, fmt.Errorf("%s: rediss (Redis over TLS) is not supported: use redis:// for the tests", name)
	}
	route := Route{Protocol: wire.Protocol(either(string(n.Protocol), string(known.protocol))), Network: "tcp"}
	host, port := u.Hostname(), u.Port()
	if known.protocol == wire.Postgres {
		query := u.Query()
		host, port = either(query.Get("host"), host), either(query.Get("port"), port)
		route.TLS = secure(either(query.Get("sslmode"), r.sslmode))
		route.URL = "postgresql" + value[len(scheme):]
	} else if known.protocol == wire.Redis {
		route.URL = value
	}
	if strings.Contains(u.Host, ",") {
		return false, fmt.Errorf("%s names several hosts: name one for the tests", name)
	}
	port = either(port, known.port)
	route.Address = net.JoinHostPort(either(host, "localhost"), port)
	if strings.HasPrefix(host, "/") {
		route.Network, route.Address = "unix", host+"/.s.PGSQL."+port
	}
	if n.Upstream != "" {
		route.Network, route.Address, route.URL = "tcp", n.Upstream, ""
	}
	r.variables = append(r.variables, variable{name: name, value: u, route: r.add(route)})
	return true, nil
}

// fromLibpq reads PGHOST and its like.
func (r *Routes) fromLibpq(values map[string]string) {
	host := either(values["PGHOSTADDR"], values["PGHOST"])
	if host == "" && values["PGPORT"] == "" {
		return
	}
	port := either(values["PGPORT"], "5432")
	host = either(host, "localhost")
	route := Route{Protocol: wire.Postgres, Network: "tcp", Address: net.JoinHostPort(host, port), TLS: secure(r.sslmode)}
	u := url.URL{Scheme: "postgresql", Host: route.Address, Path: "/" + either(values["PGDATABASE"], values["PGUSER"])}
	if strings.HasPrefix(host, "/") {
		route.Network, route.Address = "unix", host+"/.s.PGSQL."+port
		u.Host, u.RawQuery = "", url.Values{"host": {host}, "port": {port}}.Encode()
	}
	if user := values["PGUSER"]; user != "" {
		u.User = url.UserPassword(user, values["PGPASSWORD"])
		route.URL = u.String()
	}
	r.libpq = r.add(route)
}

// add adds a service, each once.
func (r *Routes) add(route Route) int {
	for i := range r.All {
		known := &r.All[i]
		if known.Protocol == route.Protocol && known.Address == route.Address && known.TLS == route.TLS {
			known.URL = either(known.URL, route.URL)
			return i
		}
	}
	r.All = append(r.All, route)
	return len(r.All) - 1
}

func secure(sslmode string) bool {
	return sslmode == "require" || sslmode == "verify-ca" || sslmode == "verify-full"
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Of is what is spoken at the service that a variable leads to, empty where it leads to none.
func (r *Routes) Of(name string) wire.Protocol {
	for _, v := range r.variables {
		if v.name == name {
			return r.All[v.route].Protocol
		}
	}
	return ""
}

// Environment gives the variables that lead to proxies; addresses are theirs, one for each route.
func (r *Routes) Environment(addresses []string) map[string]string {
	out := map[string]string{}
	for _, v := range r.variables {
		address := addresses[v.route]
		switch host, port, _ := net.SplitHostPort(address); {
		case v.value != nil:
			out[v.name] = v.through(address, r.All[v.route].Protocol)
		case v.port != "":
			out[v.name], out[v.port] = host, port
		default:
			out[v.name] = address
		}
	}
	for _, route := range r.All {
		if route.Protocol != wire.Postgres {
			continue
		}
		// Encryption between the program and us is of use to nobody: whoever asks for it still has that in the code.
		out["PGSSLMODE"], out["PGGSSENCMODE"] = "disable", "disable"
		if route.TLS {
			// The client's hop has no TLS to bind to.
			out["PGCHANNELBINDING"] = "disable"
		}
	}
	if r.libpq >= 0 {
		host, port, _ := net.SplitHostPort(addresses[r.libpq])
		out["PGHOST"], out["PGPORT"], out["PGHOSTADDR"] = host, port, ""
	}
	return out
}

// through writes the URL with the address of a proxy in it. User, password, path and other parameters stay.
func (v variable) through(address string, protocol wire.Protocol) string {
	u := *v.value
	u.Host = address
	if protocol == wire.Postgres {
		query := u.Query()
		for _, gone := range []string{"host", "port", "hostaddr", "sslmode", "sslrootcert", "sslnegotiation", "channel_binding", "gssencmode"} {
			query.Del(gone)
		}
		if v.value.Query().Has("sslmode") {
			query.Set("sslmode", "disable")
		}
		u.RawQuery = query.Encode()
	}
	return u.String()
}
