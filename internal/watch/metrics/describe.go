package metrics

import "github.com/prometheus/client_golang/prometheus"

// family is one metric: name, help, labels and type.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("tiebeam_"+name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("tiebeam_"+name, help, labels, nil), prometheus.CounterValue}
}

// The metrics.
var (
	up          = gauge("process_up", "Whether the watched process runs (1) or has ended (0).")
	openFDs     = gauge("process_open_fds", "Open file descriptors by kind.", "kind")
	maxFDs      = gauge("process_max_fds", "Soft limit of open file descriptors, +Inf where there is none.")
	headroom    = gauge("process_fd_headroom_ratio", "Share of the limit of open file descriptors that is still free.")
	fdSlope     = gauge("process_fd_leak_slope", "File descriptors that leak each second, 0 where none do.")
	exhaustion  = gauge("process_fd_seconds_to_exhaustion", "Seconds until all file descriptors are used up at this pace, +Inf where they are not.")
	sockets     = gauge("process_sockets", "Sockets by state and class of peer.", "state", "peer_class")
	threads     = gauge("process_threads", "Threads of the process.")
	children    = gauge("process_children", "Child processes by whether they run or have ended without being waited for.", "state")
	resident    = gauge("process_resident_memory_bytes", "Resident memory.")
	virtual     = gauge("process_virtual_memory_bytes", "Virtual memory.")
	cpuSeconds  = counter("process_cpu_seconds_total", "Processor time that the process has used.")
	detailsAge  = gauge("process_details_age_seconds", "How old the kinds of descriptors and states of sockets are; they are read less often where that costs much.")
	leaks       = gauge("leaks", "Things that only ever become more, by rule.", "rule")
	agentUp     = gauge("agent_connected", "Whether the agent in the process speaks (1) or not (0).")
	agentFaults = counter("agent_faults_total", "What went wrong inside the agent, without harm to the process.")
	lag         = family{desc: prometheus.NewDesc("tiebeam_loop_lag_seconds", "How late an event loop runs what it is given.", []string{"loop", "impl"}, nil)}
	tasks       = gauge("loop_tasks", "asyncio tasks that are alive.", "loop", "impl")
	blocked     = counter("loop_blocked_total", "How often a line of the source blocked an event loop.", "site")
	blockedFor  = counter("loop_blocked_seconds_total", "How long a line of the source blocked an event loop.", "site")
	unclosed    = counter("unclosed_resources_total", "Resources that were collected without having been closed.")

	poolSize      = gauge("pool_size", "Connections that a pool holds.", "kind", "pool")
	poolMax       = gauge("pool_max_size", "Connections that a pool may hold, +Inf where there is no limit.", "kind", "pool")
	poolAvailable = gauge("pool_available", "Connections of a pool that are free.", "kind", "pool")
	poolWaiting   = gauge("pool_requests_waiting", "Callers that wait for a connection of a pool.", "kind", "pool")
	poolRequests  = counter("pool_requests_total", "Connections that were asked for.", "kind", "pool")
	poolErrors    = counter("pool_requests_errors_total", "Requests for a connection that failed.", "kind", "pool")
	poolWait      = counter("pool_requests_wait_seconds_total", "Time that callers have waited for a connection.", "kind", "pool")
	poolUsage     = counter("pool_usage_seconds_total", "Time that connections were in use.", "kind", "pool")
	poolLost      = counter("pool_connections_lost_total", "Connections that a pool found broken.", "kind", "pool")

	samples = counter("watch_samples_total", "Looks at the process.")
	share   = gauge("watch_cpu_ratio", "Share of one core that watching costs.")
)

// all lists them for Describe.
var all = []family{
	up, openFDs, maxFDs, headroom, fdSlope, exhaustion, sockets, threads, children, resident, virtual, cpuSeconds, detailsAge, leaks,
	agentUp, agentFaults, lag, tasks, blocked, blockedFor, unclosed,
	poolSize, poolMax, poolAvailable, poolWaiting, poolRequests, poolErrors, poolWait, poolUsage, poolLost, samples, share,
}
