// Command importcompare runs import-linter and tiebeam on the same package with the same contracts and says where their
// verdicts differ.
//
//	go run ./tools/importcompare [-venv FOLDER] [-allow-none]
//
// The package and the cases are in testdata: each case is a contract in import-linter's form, the same in ours, and the
// verdict that both must give: kept, broken, or wrong for a contract that speaks of what is not there. Import-linter is
// installed with pip into a virtual environment in the user's cache folder; where that cannot be had, -allow-none says why and
// succeeds. The exit code is 1 where a verdict differs.
package main
