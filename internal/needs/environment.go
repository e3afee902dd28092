package needs

import (
	"os"
	"slices"
	"strings"
)

// foreign are the beginnings of variables that change what Python, its clients and our agent do.
var foreign = []string{"PYTHON", "PG", "TIEBEAM_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REDIS_URL", "DATABASE_URL", "UVLOOP", "GEVENT", "XDG_RUNTIME_DIR"}

// Environment is what a service of a test is started with: what the test has, without what would make it another service
// on another machine. What it prints is there at once, also where it ends without saying so.
func Environment() []string {
	kept := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(strings.ToUpper(variable), prefix) })
	})
	return append(kept, "PYTHONUNBUFFERED=1")
}
