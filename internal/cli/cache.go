package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/text"
)

func (p *program) cleanCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "clean",
		Short: "Delete the cache",
		Example: `  tiebeam clean
  tiebeam clean --cache-dir .tiebeam`,
		Args: atMost(),
		RunE: func(*cobra.Command, []string) error {
			if dir == "" {
				dir = p.cacheDir()
			}
			if dir == "" {
				return usage("no cache folder: neither XDG_CACHE_HOME nor HOME is set")
			}
			freed, err := cache.Clean(dir)
			if err != nil {
				return err
			}
			return p.print(fmt.Sprintf("freed %s in %s\n", text.Count(int(freed), "byte"), dir))
		},
	}
	c.Flags().StringVar(&dir, "cache-dir", "", "`folder` of the cache (default: tiebeam in the user's cache folder)")
	return c
}

// cacheDir is the user's folder for our cache (https://specifications.freedesktop.org/basedir-spec), empty where there
// is no home.
func (p *program) cacheDir() string {
	if base := p.env["XDG_CACHE_HOME"]; filepath.IsAbs(base) {
		return filepath.Join(base, "tiebeam")
	}
	if base, err := os.UserCacheDir(); err == nil {
		return filepath.Join(base, "tiebeam")
	}
	return ""
}

// openCache opens the cache, nil where there is to be none. One that cannot be used costs time only: that is told, and
// not an error.
func (p *program) openCache(j *judging) *cache.Store {
	dir := j.cacheDir
	if dir == "" {
		dir = p.cacheDir()
	}
	if j.noCache || dir == "" {
		return nil
	}
	store, err := cache.Open(dir, build())
	if err != nil {
		fmt.Fprintln(p.stderr, "tiebeam: not used:", err)
		return nil
	}
	return store
}

func (p *program) closeCache(store *cache.Store) {
	if err := store.Close(); err != nil {
		fmt.Fprintln(p.stderr, "tiebeam:", err)
	}
}

// build names the very binary that runs, so that no build reads what another has computed.
func build() string {
	name, err := os.Executable()
	if err != nil {
		return Version
	}
	info, err := os.Stat(name)
	if err != nil {
		return Version
	}
	return fmt.Sprintf("%s %d %d", Version, info.Size(), info.ModTime().UnixNano())
}
