//go:build unix

package simulate

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// cpu is the time that this process has used of all cores.
func cpu(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// BenchmarkRun tells the events of a run in each second of processor time, which other programs on the machine change
// little, and the allocations of one event: the template, a service that nothing but repetitions keep busy, and a
// thousand slots of random work.
func BenchmarkRun(b *testing.B) {
	for _, test := range []struct{ name, text string }{
		{"template", Template},
		{"metastable", fmt.Sprintf(metastable, 3)},
		{"random", `
[run]
duration = "60s"
[service.gateway]
slots = 2000
time = "2ms"
random = true
[[service.gateway.call]]
to = "store"
deadline = "5s"
attempts = 3
backoff = "100ms"
jitter = 1
[service.store]
slots = 1000
time = "250ms"
random = true
[[load]]
to = "gateway"
rate = 3000
[[trigger]]
service = "store"
at = "20s"
for = "10s"
add = "500ms"
`},
	} {
		b.Run(test.name, func(b *testing.B) {
			topology := read(b, test.text)
			events := 0
			b.ReportAllocs()
			began := cpu(b)
			for i := range b.N {
				events += Run(topology, uint64(i)).Events
			}
			b.ReportMetric(float64(events)/(cpu(b)-began).Seconds()/1e6, "Mevents/cpu-s")
		})
	}
}
