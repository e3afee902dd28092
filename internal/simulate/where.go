package simulate

import (
	"bytes"
	"strconv"
	"strings"
)

// lineOf finds the line of the value at a dotted path ("service.shop.call.0.deadline"), or of the nearest thing around
// it; 0 where there is none. It reads the forms that people write by hand; one it does not know costs the line only.
func lineOf(raw []byte, path string) int {
	table, best, depth := "", 0, 0
	counts := map[string]int{}
	note := func(at string, line int) bool {
		if at == path {
			best = line
			return true
		}
		if n := len(at); n > depth && strings.HasPrefix(path, at+".") {
			best, depth = line, n
		}
		return false
	}
	for i, line := range bytes.Split(raw, []byte("\n")) {
		s := strings.TrimSpace(string(line))
		switch {
		case strings.HasPrefix(s, "[["):
			name := plain(strings.TrimSuffix(strings.TrimPrefix(before(s, "#"), "[["), "]]"))
			table = name + "." + strconv.Itoa(counts[name])
			counts[name]++
		case strings.HasPrefix(s, "["):
			table = plain(strings.TrimSuffix(strings.TrimPrefix(before(s, "#"), "["), "]"))
		default:
			key, _, ok := strings.Cut(s, "=")
			if !ok || strings.HasPrefix(s, "#") {
				continue
			}
			if note(table+"."+plain(key), i+1) {
				return best
			}
			continue
		}
		if note(table, i+1) {
			return best
		}
	}
	return best
}

func before(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return strings.TrimSpace(s)
}

// plain takes quotes and blanks from a key.
func plain(key string) string {
	return strings.NewReplacer(`"`, "", "'", "", " ", "").Replace(strings.TrimSpace(key))
}
