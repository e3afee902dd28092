package catalog

import (
	"reflect"
	"slices"
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

// nearestField gives the field that was most likely meant by an unknown key in the TOML form of a value of type t: one
// beside it, or where none is near one of any struct (the decoder does not name the inline table a key stands in).
func nearestField(t reflect.Type, key []string) string {
	best := nearest(last(key), siblings(t, key))
	if editDistance(last(key), best) <= 2 {
		return best
	}
	var all []string
	everyField(t, map[reflect.Type]bool{}, &all)
	slices.Sort(all)
	return nearest(last(key), all)
}

// siblings gives the names of the fields of the struct that the key but its last part leads to.
func siblings(t reflect.Type, key []string) []string {
	for i, name := range key {
		t = element(t)
		if i == len(key)-1 || t.Kind() != reflect.Struct {
			break
		}
		for j := range t.NumField() {
			if t.Field(j).Tag.Get("toml") == name {
				t = t.Field(j).Type
				break
			}
		}
	}
	var names []string
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if name := t.Field(i).Tag.Get("toml"); name != "" && name != "-" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func everyField(t reflect.Type, seen map[reflect.Type]bool, names *[]string) {
	t = element(t)
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("toml"); name != "" && name != "-" {
			*names = append(*names, name)
			everyField(t.Field(i).Type, seen, names)
		}
	}
}

func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

func last(key []string) string {
	if len(key) == 0 {
		return ""
	}
	return key[len(key)-1]
}
