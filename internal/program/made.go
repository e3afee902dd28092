package program

import "github.com/tiebeam/tiebeam/internal/fact"

// What is done with an object stands in the file that makes it, and is found by the construction. The lists are made once
// for a file, as many calls may go through one object, and many objects may be made in one file.

// callsOn gives the calls through the object that is constructed at origin, of the file of origin, in their order.
func (p *Program) callsOn(origin ExprRef) []int32 {
	lists := p.received.get(uint32(origin.File), origin.File)
	if lists == nil {
		by := map[ExprRef][]int32{}
		for i := range p.calls[origin.File] {
			if made := p.calls[origin.File][i].Receiver.Origin; made.Expr != 0 && made.File == origin.File {
				by[made] = append(by[made], int32(i))
			}
		}
		lists = p.received.put(uint32(origin.File), origin.File, by)
	}
	return (*lists)[origin]
}

// storesOn gives the assignments of a value to attributes of the object that is constructed at origin, of the file of
// origin, in their order.
func (e *Eval) storesOn(origin ExprRef) []int32 {
	by, known := e.storedOn[origin.File]
	if !known {
		facts, stores := e.p.Files[origin.File], e.p.index[origin.File].stores
		by = map[ExprRef][]int32{}
		for i := range stores {
			if stores[i].Value == 0 {
				continue
			}
			for _, v := range e.Of(ExprRef{origin.File, facts.Exprs[stores[i].Target].A}) {
				if list := by[v.Origin]; v.Kind == Instance && v.Origin.Expr != 0 && (len(list) == 0 || list[len(list)-1] != int32(i)) {
					by[v.Origin] = append(list, int32(i))
				}
			}
		}
		e.storedOn = put(e.storedOn, origin.File, by)
	}
	return by[origin]
}

// attributesNamed gives the places of a file that read an attribute of the name, in their order.
func (p *Program) attributesNamed(file FileID, name string) []fact.Expr {
	lists := p.attributes.get(uint32(file), file)
	if lists == nil {
		facts := p.Files[file]
		by := map[string][]fact.Expr{}
		for i := range facts.Exprs {
			if x := &facts.Exprs[i]; x.Kind == fact.Attr && !x.Flag {
				by[facts.Text(x.Text)] = append(by[facts.Text(x.Text)], fact.Expr(i))
			}
		}
		lists = p.attributes.put(uint32(file), file, by)
	}
	return (*lists)[name]
}
