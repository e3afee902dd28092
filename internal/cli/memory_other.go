//go:build !(linux && (amd64 || arm64))

package cli

// reserve would ask for huge pages; only Linux is asked.
func reserve(int) {}
