package catalog

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestPageIsComplete keeps the page on the catalogue in step with the fields and roles there are.
func TestPageIsComplete(t *testing.T) {
	raw, err := os.ReadFile("../../docs/catalog.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	var fields []string
	everyField(reflect.TypeFor[Entry](), map[reflect.Type]bool{}, &fields)
	for _, word := range append(fields, roles...) {
		if !strings.Contains(page, "`"+word+"`") {
			t.Errorf("docs/catalog.md does not mention %q", word)
		}
	}
}
