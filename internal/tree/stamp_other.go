//go:build !linux && !darwin

package tree

// stateOf knows of no time that programs cannot set.
func stateOf(string) (state [parts]int64, ok bool) { return state, false }
