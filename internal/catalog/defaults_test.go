package catalog

import (
	"cmp"
	"strings"
	"testing"
)

// TestLibraryDefaults holds what each library does when nothing is said, written down from its source and not from the
// data files: seconds, negative for no bound. covers picks the phase where the whole wait has no single bound.
func TestLibraryDefaults(t *testing.T) {
	const infinite = -1
	tests := []struct {
		path, covers string
		seconds      float64
	}{
		// HTTP and websockets
		{"requests.get", "", infinite},
		{"requests.Session.post", "", infinite},
		{"httpx.get", "", 5},
		{"httpx.AsyncClient", "", 5},
		{"httpx2.get", "", 5},
		{"aiohttp.ClientSession", "total", 300},
		{"aiohttp.ClientSession", "connect", 30},
		{"urllib3.PoolManager", "", infinite},
		{"urllib3.request", "", 3},
		{"urllib.request.urlopen", "", infinite},
		{"http.client.HTTPConnection", "", infinite},
		{"niquests.get", "", 30},
		{"niquests.post", "", 120},
		{"requests_cache.CachedSession", "", infinite},
		{"requests_cache.CachedSession.get", "", infinite},
		{"websockets.connect", "connect", 10},
		{"websockets.sync.client.connect", "connect", 10},
		{"websocket.create_connection", "", infinite},
		{"zeep.Client", "connect", 300},
		{"zeep.Client", "statement", infinite},
		{"mcp.ClientSession", "", infinite},
		{"mcp.shared._httpx_utils.create_mcp_http_client", "connect", 30},
		{"mcp.shared._httpx_utils.create_mcp_http_client", "read", 300},
		{"tornado.httpclient.AsyncHTTPClient.fetch", "total", 20},
		// hosted services
		{"openai.OpenAI", "", 600},
		{"openai.OpenAI", "connect", 5},
		{"anthropic.AsyncAnthropic", "", 600},
		{"cohere.Client", "", 300},
		{"google.genai.Client", "", infinite},
		{"stripe.Charge.create", "", 80},
		{"slack_sdk.WebClient", "", 30},
		{"twilio.rest.Client", "", infinite},
		{"hvac.Client", "", 30},
		{"github.Github", "", 15},
		{"docker.from_env", "", 60},
		{"kubernetes.client.CoreV1Api.list_namespaced_pod", "", infinite},
		{"minio.Minio", "", 300},
		{"google.cloud.storage.Blob.upload_from_string", "", 60},
		{"boto3.client", "", 60},
		{"botocore.client.BaseClient.get_object", "", 60},
		{"aiobotocore.client.AioBaseClient.get_object", "", 60},
		// databases, caches, search
		{"psycopg.connect", "connect", 130},
		{"psycopg2.connect", "connect", infinite},
		{"psycopg_pool.ConnectionPool", "pool", 30},
		{"asyncpg.connect", "connect", 60},
		{"asyncpg.connect", "statement", infinite},
		{"asyncpg.Pool.acquire", "pool", infinite},
		{"sqlalchemy.create_engine", "pool", 30},
		{"pymysql.connect", "connect", 10},
		{"pymysql.connect", "statement", infinite},
		{"aiomysql.connect", "connect", infinite},
		{"pymongo.MongoClient", "pool", 30},
		{"pymongo.MongoClient", "connect", 20},
		{"pymongo.MongoClient", "read", infinite},
		{"redis.Redis.get", "", 5},
		{"redis.lock.Lock.acquire", "pool", infinite},
		{"pymemcache.Client.get", "", infinite},
		{"elasticsearch.Elasticsearch.search", "", 10},
		{"elastic_transport.Transport.perform_request", "", 10},
		{"opensearchpy.OpenSearch.search", "", 10},
		{"cassandra.cluster.Cluster", "connect", 5},
		{"cassandra.cluster.Session.execute", "statement", 10},
		{"neo4j.GraphDatabase.driver", "connect", 30},
		{"neo4j.GraphDatabase.driver", "pool", 60},
		{"ldap3.Connection.search", "read", infinite},
		{"ldap3.Connection.search", "connect", infinite},
		{"snowflake.connector.connect", "", infinite},
		{"sqlite3.connect", "statement", 5},
		{"django.core.mail.send_mail", "", infinite},
		// messages, calls, jobs
		{"grpc.UnaryUnaryMultiCallable.__call__", "", infinite},
		{"kafka.KafkaProducer", "", 60},
		{"kafka.KafkaConsumer", "total", infinite},
		{"aiokafka.AIOKafkaProducer", "", 40},
		{"pika.BlockingConnection", "connect", 10},
		{"aio_pika.connect_robust", "", infinite},
		{"aiormq.abc.AbstractChannel.basic_publish", "", infinite},
		{"nats.connect", "connect", 2},
		{"celery.shared_task", "", infinite},
		{"celery.result.AsyncResult.get", "", infinite},
		{"kombu.Connection", "connect", 5},
		{"dramatiq.actor", "", 600},
		{"rq.Queue", "", 180},
		{"gunicorn.config.Timeout", "", 30},
		// shells, mail
		{"paramiko.SSHClient.connect", "connect", infinite},
		{"paramiko.SSHClient.exec_command", "", infinite},
		{"asyncssh.connect", "read", 120},
		{"asyncssh.connect", "connect", infinite},
		{"smtplib.SMTP", "", infinite},
		{"ftplib.FTP", "", infinite},
		{"imaplib.IMAP4", "", infinite},
		{"aiosmtplib.send", "", 60},
		{"logging.handlers.SMTPHandler", "", 5},
		{"logging.handlers.HTTPHandler", "", infinite},
		{"xmlrpc.client.ServerProxy.call", "", infinite},
		// the standard library's own waits
		{"socket.create_connection", "", infinite},
		{"ssl.get_server_certificate", "", infinite},
		{"subprocess.run", "", infinite},
		{"subprocess.Popen.communicate", "", infinite},
		{"queue.Queue.get", "", infinite},
		{"threading.Lock.acquire", "", infinite},
		{"threading.Event.wait", "", infinite},
		{"threading.Thread.join", "", infinite},
		{"concurrent.futures.Future.result", "", infinite},
		{"concurrent.futures.as_completed", "", infinite},
		{"multiprocessing.Process.join", "", infinite},
		{"multiprocessing.AsyncResult.get", "", infinite},
		{"asyncio.wait", "", infinite},
	}
	r := Builtin().With(nil)
	for _, test := range tests {
		t.Run(test.path+" "+test.covers, func(t *testing.T) {
			e := r.Lookup(test.path)
			if e == nil || e.Deadline == nil {
				t.Fatalf("nothing is known: %+v", e)
			}
			for _, row := range e.Deadline.Defaults {
				if row.Covers != test.covers {
					continue
				}
				if row.Seconds != test.seconds {
					t.Errorf("%v s, want %v", row.Seconds, test.seconds)
				}
				if cmp.Or(row.Source, e.Source) == "" {
					t.Error("no source")
				}
				return
			}
			t.Errorf("no default for it among %+v", e.Deadline.Defaults)
		})
	}
}

// TestWaitsThatTakeNoDeadline are those that only an enclosing scope can bound.
func TestWaitsThatTakeNoDeadline(t *testing.T) {
	r := Builtin().With(nil)
	for _, path := range []string{
		"multiprocessing.Pool.map", "multiprocessing.connection.Connection.recv", "asyncio.Queue.get",
		"asyncio.Lock.acquire", "asyncio.gather", "asyncio.to_thread", "asyncio.open_connection", "os.system",
	} {
		if e := r.Lookup(path); e == nil || e.Wait == nil || e.Deadline != nil && len(e.Deadline.Parameters) > 0 {
			t.Errorf("%s: want a wait without a parameter, got %+v", path, e)
		}
	}
}

// TestRetryDefaults holds how often each retry library tries when nothing is said (negative: for ever), and whether it
// pauses between.
func TestRetryDefaults(t *testing.T) {
	r := Builtin().With(nil)
	for _, test := range []struct {
		path          string
		attempts      int
		pause, jitter bool
	}{
		{"tenacity.retry", -1, false, false},
		{"tenacity.AsyncRetrying", -1, false, false},
		{"backoff.on_exception", -1, true, true},
		{"stamina.retry", 10, true, true},
		{"retrying.retry", -1, false, false},
		{"urllib3.util.Retry", 11, false, false},
		{"requests.adapters.HTTPAdapter", 1, false, false},
		{"httpx.HTTPTransport", 1, false, false},
		{"openai.OpenAI", 3, true, true},
		{"celery.shared_task", 4, true, true},
		{"dramatiq.actor", 21, true, true},
		{"kombu.Connection.ensure_connection", -1, true, false},
		{"elastic_transport.Transport", 4, false, false},
		{"pika.ConnectionParameters", 1, true, false},
	} {
		e := r.Lookup(test.path)
		if e == nil || e.Retry == nil {
			t.Errorf("%s: nothing is known of its repetitions", test.path)
			continue
		}
		if e.Retry.DefaultAttempts != test.attempts || e.Retry.DefaultBackoff != test.pause || e.Retry.DefaultJitter != test.jitter {
			t.Errorf("%s: %d attempts, pause %v, jitter %v; want %d, %v, %v", test.path,
				e.Retry.DefaultAttempts, e.Retry.DefaultBackoff, e.Retry.DefaultJitter, test.attempts, test.pause, test.jitter)
		}
	}
}

// TestRetriesByVersion holds the clients that began to repeat by themselves; zero says that they did not.
func TestRetriesByVersion(t *testing.T) {
	for _, test := range []struct {
		library, version, path string
		attempts               int
	}{
		{"redis", "5.3.1", "redis.Redis", 0},
		{"redis", "6.4.0", "redis.Redis", 4},
		{"redis", "7.4.1", "redis.asyncio.Redis", 4},
		{"redis", "8.0.0", "redis.Redis", 11},
		{"stripe", "10.12.0", "stripe.StripeClient", 1},
		{"stripe", "11.6.0", "stripe.StripeClient", 3},
	} {
		got := 0
		if e := Builtin().With(map[string]string{test.library: test.version}).Lookup(test.path); e.Retry != nil {
			got = e.Retry.DefaultAttempts
		}
		if got != test.attempts {
			t.Errorf("%s of %s %s: %d attempts, want %d", test.path, test.library, test.version, got, test.attempts)
		}
	}
}

// TestWhatOnlySeemsToRelease holds the context managers and wrappers that leave the resource open.
func TestWhatOnlySeemsToRelease(t *testing.T) {
	r := Builtin().With(nil)
	for _, path := range []string{"sqlite3.connect", "psycopg2.connect", "psycopg_pool.ConnectionPool.getconn", "pyodbc.connect"} {
		if e := r.Lookup(path); e.Resource == nil || e.Resource.With != "does-not-release" {
			t.Errorf("%s: its with block does not release it", path)
		}
	}
	for _, path := range []string{"gzip.GzipFile", "tarfile.open", "csv.reader", "bz2.BZ2File"} {
		if e := r.Lookup(path); e.Owns == nil || !e.Owns.Not {
			t.Errorf("%s: it does not take over the file it is given", path)
		}
	}
	for _, path := range []string{"io.TextIOWrapper", "io.BufferedReader", "contextlib.closing", "contextlib.ExitStack.enter_context", "os.fdopen"} {
		if e := r.Lookup(path); e.Owns == nil || e.Owns.Not {
			t.Errorf("%s: it takes over what it is given", path)
		}
	}
}

func TestBoundsByVersion(t *testing.T) {
	for version, want := range map[string]int{"7.4.1": -1, "8.0.0": 100} {
		bound := Builtin().With(map[string]string{"redis": version}).Lookup("redis.ConnectionPool").Bound
		if len(bound.Defaults) != 1 || bound.Defaults[0].Count != want {
			t.Errorf("redis %s: connections of a pool %+v, want %d", version, bound.Defaults, want)
		}
	}
}

// TestPromisedLibrariesArePresent names the libraries whose defaults have been looked up one by one.
func TestPromisedLibrariesArePresent(t *testing.T) {
	have := map[string]bool{}
	for _, lib := range Builtin().Libraries() {
		for _, name := range append([]string{lib.Name}, lib.Also...) {
			have[NormalName(name)] = true
		}
	}
	for _, name := range strings.Fields(`python requests httpx httpx2 aiohttp urllib3 niquests requests-cache websockets
		websocket-client zeep mcp openai anthropic cohere google-genai stripe slack_sdk twilio hvac PyGithub docker
		kubernetes minio google-cloud-storage google-api-core azure-core boto3 botocore s3transfer aiobotocore psycopg
		psycopg2 psycopg2-binary psycopg_pool asyncpg SQLAlchemy PyMySQL aiomysql pymongo redis pymemcache elasticsearch
		elastic-transport opensearch-py cassandra-driver neo4j snowflake-connector-python ldap3 Django grpcio
		kafka-python aiokafka pika aio-pika aiormq nats-py celery kombu dramatiq rq gunicorn uvicorn tenacity backoff
		stamina paramiko asyncssh aiosmtplib`) {
		if !have[NormalName(name)] {
			t.Errorf("nothing is known of %s", name)
		}
	}
}
