package catalog

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// nearest gives the word with the smallest edit distance, the first in order where several are as near. An empty list
// gives "".
func nearest(word string, words []string) string {
	best, distance := "", 1<<30
	for _, candidate := range words {
		if d := editDistance(word, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// fieldNames gives the names of all fields a row and its parts may have, sorted.
var fieldNames = sync.OnceValue(func() []string {
	seen := map[reflect.Type]bool{}
	var names []string
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || seen[t] {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			field := t.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("toml"), ",")
			if name == "" || name == "-" {
				continue
			}
			names = append(names, name)
			visit(field.Type)
		}
	}
	visit(reflect.TypeFor[Entry]())
	slices.Sort(names)
	return slices.Compact(names)
})

func last(key []string) string {
	if len(key) == 0 {
		return ""
	}
	return key[len(key)-1]
}
