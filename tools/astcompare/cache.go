package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Cache remembers the verdicts of one interpreter by the digest of the source. It may be used from several
// goroutines. The file is only ever appended to, so a run that is cut short loses at most its last line.
type Cache struct {
	mu       sync.Mutex
	verdicts map[string]Verdict
	file     *os.File
}

// openCache opens the verdicts of the interpreter in folder. The name of the file holds the version and the digest of
// the script that asks, so another interpreter or another way of asking starts afresh.
func openCache(folder string, i Interpreter) (*Cache, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache folder: %w", err)
	}
	path := filepath.Join(folder, fmt.Sprintf("%s-%s.tsv", i.Full, digest([]byte(oracleScript))[:12]))
	c := &Cache{verdicts: map[string]Verdict{}}
	if err := c.load(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the cache of %s: %w", i.Full, err)
	}
	c.file = file
	return c, nil
}

func (c *Cache) load(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the cache: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), "\t", 3)
		if len(fields) != 3 {
			continue
		}
		switch fields[1] {
		case "D":
			c.verdicts[fields[0]] = Verdict{Digest: fields[2]}
		case "R":
			// A line that was cut short is asked for again.
			if v, err := refusalVerdict([]byte(fields[2])); err == nil {
				c.verdicts[fields[0]] = v
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the cache %s: %w", path, err)
	}
	return nil
}

// Get returns the verdict on the source with this digest.
func (c *Cache) Get(source string) (Verdict, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.verdicts[source]
	return v, ok
}

// Put remembers the verdict on the source with this digest.
func (c *Cache) Put(source string, v Verdict) error {
	line := source + "\tD\t" + v.Digest + "\n"
	if v.Refusal != nil {
		body, err := json.Marshal(v.Refusal)
		if err != nil {
			return fmt.Errorf("write the cache: %w", err)
		}
		line = source + "\tR\t" + string(body) + "\n"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.verdicts[source] = v
	if _, err := c.file.WriteString(line); err != nil {
		return fmt.Errorf("write the cache: %w", err)
	}
	return nil
}

// Close ends the use of the cache.
func (c *Cache) Close() error { return c.file.Close() }
