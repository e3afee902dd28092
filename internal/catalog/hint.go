package catalog

import (
	"reflect"
	"slices"

	"github.com/tiebeam/tiebeam/internal/text"
)

// hint is the end of a message about a word that is not valid: the one that was meant, or all that are valid.
func hint(word string, words []string) string {
	if suggested := text.Suggest(word, words); suggested != "" {
		return suggested
	}
	named := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	return ": valid are " + text.List(named)
}

// hintField is the same for an unknown key in the TOML form of a value of type t: the field beside it that was meant, or
// where none is near one of any struct (the decoder does not name the inline table a key stands in).
func hintField(t reflect.Type, key []string) string {
	beside := siblings(t, key)
	if suggested := text.Suggest(last(key), beside); suggested != "" {
		return suggested
	}
	var all []string
	everyField(t, map[reflect.Type]bool{}, &all)
	slices.Sort(all)
	if suggested := text.Suggest(last(key), all); suggested != "" {
		return suggested
	}
	return hint(last(key), beside)
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
