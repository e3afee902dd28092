package live

import (
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// TestHTTP: a request that charges is found with each client, PUT and one under the same key are not, and a key made
// anew is told as such; a variable with host and port alone leads through a proxy by the configuration.
func TestHTTP(t *testing.T) {
	interpreter := needs.Python(t, "requests", "httpx", "aiohttp")
	for _, c := range []struct {
		client, how    string
		twice, renewed bool
	}{
		{"urllib", "post", true, false}, {"requests", "post", true, false}, {"httpx", "post", true, false}, {"aiohttp", "post", true, false},
		{"requests", "put", false, false}, {"httpx", "key", false, false}, {"requests", "newkey", true, true},
	} {
		t.Run(c.client+" "+c.how, func(t *testing.T) {
			t.Parallel()
			pay := newProvider(t, false)
			o := options(t, []string{"PAY_ADDRESS=" + strings.TrimPrefix(pay.URL, "http://")}, interpreter, "clients.py", c.client, c.how)
			o.Redirect, o.NoProxy = []redirect.Named{{Name: "PAY_ADDRESS", Protocol: wire.HTTP}}, true
			r := swept(t, o)
			if len(r.Judgements) != 1 || !r.Judgements[0].Reached {
				t.Fatalf("%+v, want one point, reached; problems %q", r.Judgements, r.Problems)
			}
			duplicates := r.Judgements[0].Duplicates
			if (len(duplicates) > 0) != c.twice || c.twice && duplicates[0].Renewed != c.renewed {
				t.Errorf("%+v, want twice %t and a new key %t", duplicates, c.twice, c.renewed)
			}
		})
	}
}
