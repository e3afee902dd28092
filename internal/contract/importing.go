package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Imports is a contract on what may import what. The kinds and their meaning are those of import-linter 2.16, whose names
// for the fields stand in docs/contracts.md; Allowed is our own.
type Imports struct {
	// Kind is one of importKinds.
	Kind string
	// From and To are the modules of forbidden and allowed; To the protected ones, Importers those that may import them.
	From, To, Importers []Pattern
	// Modules are the ones that are independent.
	Modules []Pattern
	// Layers are from the highest to the lowest; Containers hold each a set of them.
	Layers     []Layer
	Containers []Pattern
	// Exhaustive asks that every child of a container is a layer, or one of ExhaustiveExcept.
	Exhaustive       bool
	ExhaustiveExcept []string
	// Indirect counts imports through other modules, AsPackages what lies below the modules named.
	Indirect, AsPackages bool
	// TypeChecking counts imports for type checkers.
	TypeChecking bool
	// Ancestors, Depth and Skip are those of acyclic siblings.
	Ancestors, Skip []Pattern
	Depth           int
}

// Layer is one layer: modules side by side, which may import each other unless they are independent.
type Layer struct {
	Modules     []LayerModule
	Independent bool
}

// LayerModule is a module of a layer, named below its container where there is one.
type LayerModule struct {
	Name     string
	Optional bool
}

// The kinds of contract on imports.
const (
	Layers       = "layers"
	Independence = "independence"
	Forbidden    = "forbidden"
	Protected    = "protected"
	Acyclic      = "acyclic-siblings"
	Allowed      = "allowed"
)

var importKinds = []string{Layers, Independence, Forbidden, Protected, Acyclic, Allowed}

// importFields are the fields of each kind besides name, imports, type-checking and except; the first needed of them must be
// given.
var importFields = map[string]struct {
	needed int
	names  []string
}{
	Layers:       {1, []string{"layers", "containers", "exhaustive", "exhaustive-except"}},
	Independence: {1, []string{"modules"}},
	Forbidden:    {2, []string{"from", "to", "indirect", "as-packages"}},
	Protected:    {2, []string{"to", "importers", "as-packages"}},
	Acyclic:      {1, []string{"ancestors", "depth", "skip"}},
	Allowed:      {2, []string{"from", "to", "as-packages"}},
}

// defaultDepth is how many generations of siblings are looked at, as in import-linter.
const defaultDepth = 10

func (c *Clause) readImports(f *fields) {
	c.Kind = Importing
	kind := f.word("imports", importKinds)
	if kind == "" {
		c.Imports = &Imports{}
		return
	}
	has := importFields[kind]
	f.known(append([]string{"name", "imports", "type-checking", "except"}, has.names...)...)
	for _, key := range has.names[:has.needed] {
		if !f.has(key) {
			f.y.fault(f.line, key, "is missing: a contract of %s names its %s", kind, strings.Join(has.names[:has.needed], " and "))
		}
	}
	i := &Imports{
		Kind: kind, From: f.patterns("from"), To: f.patterns("to"), Importers: f.patterns("importers"), Modules: f.patterns("modules"),
		Containers: f.patterns("containers"), Exhaustive: f.flag("exhaustive", false), ExhaustiveExcept: f.list("exhaustive-except"),
		Indirect: f.flag("indirect", true), AsPackages: f.flag("as-packages", true),
		Ancestors: f.patterns("ancestors"), Skip: f.patterns("skip"), Depth: defaultDepth,
		TypeChecking: f.word("type-checking", []string{"counts", "ignored"}) != "ignored",
	}
	if s := f.text("depth"); s != "" {
		n, err := strconv.Atoi(s)
		if i.Depth = n; err != nil || n < 0 {
			f.fault("depth", "must be a whole number, 0 or more")
		}
	}
	i.readLayers(f)
	c.Imports = i
}

// readLayers reads the layers: "a | b" are independent of each other, a list [a, b], or "a : b" in quotes, are not, and
// "(a)" may be missing. The signs are import-linter's.
func (i *Imports) readLayers(f *fields) {
	seen := map[string]bool{}
	for _, item := range f.layers() {
		layer := Layer{Independent: true}
		if len(item) > 1 {
			layer.Independent = false
		} else if s := item[0]; strings.Contains(s, ":") {
			if strings.Contains(s, "|") {
				f.fault("layers", "%q mixes `|`, for modules that are independent, with `:`, for modules that are not", text.Visible(s))
				continue
			}
			layer.Independent, item = false, strings.Split(s, ":")
		} else {
			item = strings.Split(s, "|")
		}
		for _, name := range item {
			m := LayerModule{Name: strings.TrimSpace(name)}
			if strings.HasPrefix(m.Name, "(") && strings.HasSuffix(m.Name, ")") {
				m.Name, m.Optional = strings.TrimSpace(m.Name[1:len(m.Name)-1]), true
			}
			if p, wrong := parsePattern(m.Name); wrong != "" || p.Wild() {
				f.fault("layers", "%q is no module", text.Visible(m.Name))
			} else if seen[m.Name] {
				f.fault("layers", "%q is in the layers twice", m.Name)
			}
			seen[m.Name] = true
			layer.Modules = append(layer.Modules, m)
		}
		i.Layers = append(i.Layers, layer)
	}
	if i.Exhaustive && i.Containers == nil {
		f.fault("exhaustive", "only layers with containers can be exhaustive")
	}
}

// layers gives the items of the field layers, each one line or a list.
func (f *fields) layers() [][]string {
	v, ok := f.values["layers"]
	if !ok {
		return nil
	}
	list, ok := v.node.(*ast.SequenceNode)
	if !ok || len(list.Values) < 2 {
		f.fault("layers", "must be a list of two layers or more, the highest first")
		return nil
	}
	var all [][]string
	for _, item := range list.Values {
		if _, pairs := item.(*ast.MappingNode); pairs {
			f.y.fault(f.y.at(item), "layers", "modules that may import each other are written as a list: [a, b]")
			continue
		}
		if one, ok := f.y.strings(item, "layers"); ok {
			all = append(all, one)
		}
	}
	return all
}

// named are all modules that the contract names in full.
func (i *Imports) named() []Pattern {
	all := slices.Concat(i.From, i.To, i.Importers, i.Modules, i.Ancestors, i.Containers)
	return append(all, i.layerNames(true)...)
}

// needed are those of them that must be there.
func (i *Imports) needed() []Pattern {
	all := slices.Concat(i.From, i.To, i.Importers, i.Modules, i.Ancestors, i.Containers, i.Skip)
	return append(all, i.layerNames(false)...)
}

// layerNames are the modules of layers that stand in no container.
func (i *Imports) layerNames(optional bool) []Pattern {
	if i.Containers != nil {
		return nil
	}
	var all []Pattern
	for _, layer := range i.Layers {
		for _, m := range layer.Modules {
			if p, wrong := parsePattern(m.Name); wrong == "" && (optional || !m.Optional) {
				all = append(all, p)
			}
		}
	}
	return all
}

func (i *Imports) sentence() string {
	switch i.Kind {
	case Layers:
		var names []string
		for _, layer := range i.Layers {
			var side []string
			for _, m := range layer.Modules {
				side = append(side, m.Name)
			}
			names = append(names, strings.Join(side, " and "))
		}
		s := "layers, the highest first: " + strings.Join(names, ", ")
		if i.Containers != nil {
			s += " in " + list(i.Containers)
		}
		return s
	case Independence:
		return list(i.Modules) + " are independent of each other"
	case Forbidden:
		return list(i.From) + " imports nothing of " + list(i.To)
	case Protected:
		return "only " + list(i.Importers) + " imports " + list(i.To)
	case Acyclic:
		return "the children of " + list(i.Ancestors) + " have no cycle of imports"
	case Allowed:
		return list(i.From) + " imports only " + list(i.To)
	}
	return "imports"
}
