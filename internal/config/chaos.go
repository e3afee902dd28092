package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Redirect leads what a program reads from a variable of its environment through a proxy of `tiebeam chaos`.
type Redirect struct {
	// Name is the variable. It holds a URL, or host and port, or a host alone.
	Name string `toml:"name"`
	// Port is the variable with the port, where Name holds a host alone; empty for none.
	Port string `toml:"port"`
	// Protocol is postgres, redis, http or opaque; empty takes that of the URL's scheme.
	Protocol string `toml:"protocol"`
	// Upstream is host and port of the service; empty takes what the variables hold.
	Upstream string `toml:"upstream"`
}

// chaos is the shape of the table.
type chaos struct {
	Redirect []Redirect `toml:"redirect"`
}

// protocols are what proxies understand; opaque is a stream that nobody reads.
var protocols = []string{"postgres", "redis", "http", "opaque"}

// redirects reads the table.
func (c *Config) redirects(given *chaos) *fault {
	if given == nil {
		return nil
	}
	for i := range given.Redirect {
		r := &given.Redirect[i]
		if r.Name == "" {
			return &fault{"redirect", `option "chaos.redirect": name is missing: it says which variable of the environment leads to the service`}
		}
		if r.Protocol != "" && !slices.Contains(protocols, r.Protocol) {
			return &fault{r.Protocol, fmt.Sprintf("protocol of %s: unknown protocol %q: expected %s%s", r.Name, r.Protocol, text.List(protocols), text.Suggest(r.Protocol, protocols))}
		}
		if at := strings.LastIndexByte(r.Upstream, ':'); r.Upstream != "" && (at < 1 || at == len(r.Upstream)-1) {
			return &fault{r.Upstream, fmt.Sprintf("upstream of %s: %q is not HOST:PORT", r.Name, r.Upstream)}
		}
	}
	c.Redirects = given.Redirect
	return nil
}
