//go:build !unix

package proc

import "time"

// OwnTime is the processor time that this program has used so far; it is not known here.
func OwnTime() time.Duration { return 0 }
