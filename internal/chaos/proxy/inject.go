package proxy

import (
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// inject does to the connection what the plan says, once the operation has been executed.
func (r *relay) inject() {
	r.mu.Lock()
	f := r.fault
	if r.mute || f == nil {
		r.mu.Unlock()
		return
	}
	r.conn.Injected()
	kind := f.plan.Kind
	held := f.held
	if kind == fault.ErrorStatus && r.protocol == wire.Redis {
		// The connection goes on behind an error, as that of a real server does.
		r.fault = nil
		r.mu.Unlock()
		r.client.Write(append([]byte("-LOADING Redis is loading the dataset in memory\r\n"), held[min(f.rest, len(held)):]...))
		return
	}
	r.mute = true
	r.mu.Unlock()
	switch kind {
	case fault.ResetAfter:
		abort(r.client)
	case fault.Hang, fault.HalfOpen:
		r.hang(f)
		return
	case fault.SlowClose:
		r.wait(f.plan.Delay)
		r.client.Close()
	case fault.Truncate:
		r.client.Write(held[:max(len(held)/2, min(len(held)-1, 1), 0)])
		r.client.Close()
	case fault.ErrorStatus:
		r.client.Write(failure(r.protocol))
		r.client.Close()
	default:
		r.client.Close()
	}
	r.upstream().Close()
}

// failure is what a service says that ends, or is overloaded.
func failure(protocol wire.Protocol) []byte {
	switch protocol {
	case wire.Postgres:
		// ErrorResponse: FATAL 57P01, as on an administrator's command.
		fields := "SFATAL\x00VFATAL\x00C57P01\x00Mterminating connection due to administrator command\x00\x00"
		size := len(fields) + 4
		return append([]byte{'E', 0, 0, byte(size >> 8), byte(size)}, fields...)
	case wire.HTTP:
		return []byte("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 0\r\nConnection: close\r\n\r\n")
	}
	return nil
}

// hang lets the client wait until it gives up or the patience of the plan ends.
func (r *relay) hang(f *injection) {
	go func() {
		gaveUp := r.wait(f.plan.Patience)
		r.conn.Gave(f.record, time.Since(f.since), gaveUp)
		r.client.Close()
		if f.plan.Kind == fault.HalfOpen {
			<-r.ended // the server's side stays open as long as the run
		}
		r.upstream().Close()
	}()
}

// wait waits for a time, or until the client hangs up or the run ends, which it reports.
func (r *relay) wait(d time.Duration) (gone bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-r.gone:
		return true
	case <-r.ended:
		return true
	}
}

// late passes an answer on with the delay of the plan, and everything that follows as ever.
func (r *relay) late(p []byte, at int) bool {
	if _, err := r.client.Write(p[:at]); err != nil {
		return false
	}
	r.mu.Lock()
	f := r.fault
	r.mu.Unlock()
	r.conn.Injected()
	if r.wait(f.plan.Delay) {
		r.conn.Gave(f.record, time.Since(f.since), true)
	}
	r.mu.Lock()
	r.fault = nil
	r.mu.Unlock()
	_, err := r.client.Write(p[at:])
	return err == nil
}
