module github.com/tiebeam/tiebeam

go 1.26
