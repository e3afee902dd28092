// Command astcompare proves the Python front end against CPython.
//
// It parses every file of a corpus with internal/python/parse, writes the tree with internal/python/dump, and compares
// the text with what ast.dump(ast.parse(source), include_attributes=True) of each installed CPython (3.8 to 3.13) says
// of the same bytes. A file that one side accepts and the other refuses is listed like a file whose trees differ.
//
// The corpus is the pinned packages of corpus.txt, downloaded once with pip and never installed, and the standard
// library of every interpreter found, its tests included. What the interpreters say is kept on disk under the
// SHA-256 of the source, so a second run only parses.
//
//	go run ./tools/astcompare              everything, every interpreter that can be found
//	go run ./tools/astcompare -part        the part that CI runs
//	go run ./tools/astcompare -python 3.12 FILE...
//	go run ./tools/astcompare -mutate 20000 -seed 7
//
// The way through: corpus.go lists files, fetch.go downloads them, mutate.go changes them, interpreter.go finds
// interpreters, oracle.go asks them (oracle.py answers), cache.go remembers, front.go is our side, compare.go judges,
// report.go prints. Exit 0: nothing differs; 1: something does; 2: wrong use, or no interpreter and no -allow-none.
//
// It imports internal/source, internal/python/ast, parse and dump; nothing imports it.
package main
