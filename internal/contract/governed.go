package contract

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Governed is a place that a record governs.
type Governed struct {
	// At is the place itself: a site, an import, a definition, a comment.
	At program.Place
	// From are the places of the guards that the contract asks for there.
	From []program.Place
	// Clause is the contract that governs it; nil for a comment that cites the record.
	Clause *Clause
}

// Reach gives every place that a record governs, whether or not it complies: by each of its contracts, in the order of
// places, then by the comments that cite it.
func Reach(s *Side, r *Record) []Governed {
	j := &judge{Side: s, names: make([][]string, len(s.Program.Files)), used: map[*Exemption]bool{}}
	var all []Governed
	for _, c := range r.Clauses {
		switch c.Kind {
		case Guarded:
			all = append(all, j.guardedPlaces(c)...)
		case Making:
			all = append(all, j.makingPlaces(c)...)
		case Importing:
			all = append(all, j.importPlaces(c)...)
		case Governing:
			all = append(all, j.symbolPlaces(c)...)
		}
	}
	for file, facts := range s.Program.Files {
		for _, cited := range Citations(facts) {
			if cited.Number == r.Number {
				all = append(all, Governed{At: program.Place{File: program.FileID(file), Span: cited.Span}})
			}
		}
	}
	return all
}

func (j *judge) guardedPlaces(c *Clause) []Governed {
	if c.Needs == program.Immutability {
		return j.classPlaces(c)
	}
	var all []Governed
	sites := j.Program.Sites(c.Effect)
	for i := range sites {
		site := &sites[i]
		if j.Program.IsTest(site.At.File) || !c.speaksOf(site) || !j.inScope(c, site) {
			continue
		}
		one := Governed{At: site.At, Clause: c}
		for k := range site.Guards {
			if g := &site.Guards[k]; g.Kind == c.Needs && g.Where.End > 0 {
				one.From = append(one.From, g.Where)
			}
		}
		all = append(all, one)
	}
	return all
}

func (j *judge) classPlaces(c *Clause) []Governed {
	return j.eachSymbol(c, c.Scope.Symbols, func(s *symbol) program.Place {
		return program.Place{File: s.fn.File, Span: j.Program.Files[s.fn.File].Scopes[s.fn.Scope].Span}
	})
}

// symbolPlaces are the definitions that a contract governs by name, each as a whole.
func (j *judge) symbolPlaces(c *Clause) []Governed {
	return j.eachSymbol(c, c.Symbols, func(s *symbol) program.Place {
		facts := j.Program.Files[s.fn.File]
		if s.def != nil {
			return program.Place{File: s.fn.File, Span: facts.Stmts[s.def.Stmt].Span}
		}
		return program.Place{File: s.fn.File, Span: facts.Scopes[s.fn.Scope].Span}
	})
}

func (j *judge) eachSymbol(c *Clause, patterns []Pattern, place func(*symbol) program.Place) []Governed {
	var all []Governed
	for file := range j.Program.Files {
		for _, p := range patterns {
			for _, s := range j.symbolsIn(program.FileID(file), p) {
				all = append(all, Governed{At: place(&s), Clause: c})
			}
		}
	}
	return all
}

func (j *judge) makingPlaces(c *Clause) []Governed {
	var all []Governed
	classes := c.classes()
	for file := range j.Program.Files {
		id := program.FileID(file)
		calls := j.Program.Calls(id)
		for i := range calls {
			if !j.Program.IsTest(id) && j.made(&calls[i], classes) != "" {
				all = append(all, Governed{At: j.Program.PlaceOf(program.ExprRef{File: id, Expr: calls[i].Expr}), Clause: c})
			}
		}
	}
	return all
}

// importPlaces are the import statements of the modules whose imports the contract judges.
func (j *judge) importPlaces(c *Clause) []Governed {
	i := c.Imports
	importers := slices.Concat(i.From, i.Modules, i.Containers, i.Ancestors, i.layerNames(true))
	var all []Governed
	for file, facts := range j.Program.Files {
		id := program.FileID(file)
		judged := covers(importers, j.namesOf(id))
		if i.Kind == Protected {
			judged = !covers(i.Importers, j.namesOf(id))
		}
		if judged {
			all = append(all, j.importsOf(c, id, facts)...)
		}
	}
	return all
}

func (j *judge) importsOf(c *Clause, file program.FileID, facts *fact.File) []Governed {
	var all []Governed
	for _, to := range j.Program.Imported(file) {
		if c.Imports.Kind == Protected {
			names := []string{to.Dotted}
			if to.Path != "" {
				names = j.table().aliases(to.Path)
			}
			if !covers(c.Imports.To, names) {
				continue
			}
		}
		all = append(all, Governed{At: program.Place{File: file, Span: facts.Imports[to.Import].Span}, Clause: c})
	}
	return all
}
