package simulate

// Template is a topology to start from: it can be played as it stands.
const Template = `# tiebeam simulate topology.toml                                  docs/simulate.md describes every word

[run]
duration = "120s"
seed = 1
runs = 20                     # with the seeds 1 … 20

[service.gateway]
slots = 200                   # requests served at once: threads, workers
limit = 1024                  # what the process can hold at all (descriptors); left out: no limit
time = "2ms"                  # own work for a request, without what it calls
# code = "services/gateway"   # deadlines and attempts of its calls are read from there

[[service.gateway.call]]
to = "orders"                 # no deadline: it waits as long as it takes

[service.orders]
slots = 40
queue = 2000                  # requests that wait for a slot before the next is refused; left out: no limit
time = "5ms"

[[service.orders.call]]
to = "database"
deadline = "2s"
attempts = 3                  # the first included
# backoff = "100ms"
# factor = 2
# jitter = 1                  # part of the pause that is random
# connections = 10            # pool of the caller
# pool-wait = "1s"
# breaker = { failures = 5, open = "5s" }
# fallback = true             # a default answers in place of a failure
# cache = { keys = 1000, ttl = "60s", jitter = 0.2, coalesce = true }

[service.database]
slots = 10
time = "50ms"

[[load]]
to = "gateway"
rate = "80..150"              # not known exactly: a range, the middle is played

[[trigger]]
service = "database"
at = "20s"
for = "30s"                   # left out: until the end
add = "100ms"                 # or times = 3, or down = true; without service: rate = 2 multiplies the load
`
