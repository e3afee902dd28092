package sweep

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/agent"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/proxy"
	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/state"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// session is everything that is made for one sweep.
type session struct {
	options  *Options
	folder   string
	watchdog *watchdog
	hub      *proxy.Hub
	agent    *agent.Server
	routes   *redirect.Routes
	base     map[string]string // variables that are the same for all workers

	mu      sync.Mutex
	workers map[string]map[string]string
	ledger  *ledger.Ledger
	pools   map[string][]ledger.Pool // by worker
	tests   map[string]string        // the running test, by worker
	states  map[string]map[string]state.Snapshot
	unknown string // why the last end state that could not be had is not known
	secrets *strings.Replacer
}

// open makes a session. Whatever has been made when it fails is taken away again.
func open(options *Options) (s *session, err error) {
	s = &session{options: options, workers: map[string]map[string]string{}, secrets: secrets(options.Environment)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.routes, err = redirect.Plan(options.Environment, options.Redirect); err != nil {
		return s, err
	}
	if s.folder, err = os.MkdirTemp("", "tiebeam-chaos-"); err != nil {
		return s, fmt.Errorf("make a folder for the session: %w", err)
	}
	s.watchdog = watch(s.folder)
	authority, err := proxy.NewAuthority()
	if err != nil {
		return s, err
	}
	if s.agent, err = agent.NewServer(s); err != nil {
		return s, err
	}
	var salt [8]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return s, fmt.Errorf("make a salt: %w", err)
	}
	s.hub = proxy.New(proxy.Options{
		Wire:      wire.Options{Salt: binary.LittleEndian.Uint64(salt[:]), Show: options.ShowValues},
		KeyFields: options.KeyFields, AllowRemote: options.AllowRemote, Stacks: s.agent,
	}, authority)
	s.hub.Run(ledger.New(fault.Plan{}, true))
	if err := s.files(authority); err != nil {
		return s, err
	}
	for _, f := range options.Forwards {
		if _, err := s.hub.Listen(f.Listen, "", f.Protocol, proxy.Upstream{Network: "tcp", Address: f.Upstream}); err != nil {
			return s, err
		}
	}
	if s.workers[""], err = s.redirected(""); err != nil {
		return s, err
	}
	return s, nil
}

// close takes away whatever was made.
func (s *session) close() {
	if s.hub != nil {
		s.hub.Close()
	}
	if s.agent != nil {
		s.agent.Close()
	}
	if s.folder != "" {
		os.RemoveAll(s.folder)
	}
	s.watchdog.end()
}

// bundles are where systems keep the authorities that they trust.
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"}

// files writes the agent and the certificates, and the variables that lead to them.
func (s *session) files(authority *proxy.Authority) error {
	modules := filepath.Join(s.folder, "agent")
	if err := os.Mkdir(modules, 0o700); err != nil {
		return fmt.Errorf("make a folder for the agent: %w", err)
	}
	if err := agent.Write(modules); err != nil {
		return err
	}
	var trusted []byte
	for _, name := range append([]string{s.variable("SSL_CERT_FILE")}, bundles...) {
		if raw, err := os.ReadFile(name); name != "" && err == nil {
			trusted = raw
			break
		}
	}
	certificates := filepath.Join(s.folder, "authorities.pem")
	if err := os.WriteFile(certificates, append(append(trusted, '\n'), authority.PEM()...), 0o600); err != nil {
		return fmt.Errorf("write the certificates: %w", err)
	}
	s.base = s.agent.Environment()
	s.base["TIEBEAM_CHAOS_ROOT"] = s.options.Dir
	s.base["PYTHONPATH"] = strings.TrimSuffix(modules+string(os.PathListSeparator)+s.variable("PYTHONPATH"), string(os.PathListSeparator))
	s.base["PYTEST_PLUGINS"] = strings.Trim(agent.Module+","+s.variable("PYTEST_PLUGINS"), ",")
	if s.variable("PYTHONHASHSEED") == "" {
		s.base["PYTHONHASHSEED"] = strconv.FormatUint(s.options.Seed%4294967295, 10)
	}
	if !s.options.NoProxy {
		for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"} {
			s.base[name] = certificates
		}
	}
	if s.variable("PGSSLROOTCERT") != "" {
		s.base["PGSSLROOTCERT"] = certificates
	}
	return nil
}

func (s *session) variable(name string) string {
	for _, entry := range slices.Backward(s.options.Environment) {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}

// redirected opens the listeners of a worker and returns the variables that lead to them.
func (s *session) redirected(worker string) (map[string]string, error) {
	var addresses []string
	for _, route := range s.routes.All {
		upstream := proxy.Upstream{Network: route.Network, Address: route.Address, TLS: route.TLS}
		address, err := s.hub.Listen("127.0.0.1:0", worker, route.Protocol, upstream)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address)
	}
	out := s.routes.Environment(addresses)
	if s.options.NoProxy {
		return out, nil
	}
	address, err := s.hub.ListenForward(worker)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		out[name] = "http://" + address
	}
	for _, name := range []string{"NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"} {
		out[name] = ""
	}
	return out, nil
}

// environment is that of the command in one run. only is the test that is to run, nil for all.
func (s *session) environment(only *string) []string {
	set := map[string]string{}
	for name, value := range s.base {
		set[name] = value
	}
	for name, value := range s.workers[""] {
		set[name] = value
	}
	if only != nil && *only != "" {
		set["TIEBEAM_CHAOS_ONLY"] = *only
	}
	set["TIEBEAM_CHAOS_POOLS"] = "1"
	var out []string
	for _, entry := range s.options.Environment {
		name, _, _ := strings.Cut(entry, "=")
		if _, replaced := set[name]; !replaced {
			out = append(out, entry)
		}
	}
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if value := set[name]; value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// run runs the command once with the fault of a plan and returns what was seen.
func (s *session) run(ctx context.Context, plan fault.Plan, only *string, limit time.Duration) (*verdict.Run, ending, error) {
	if len(s.options.Before) > 0 {
		end, err := s.execute(ctx, s.options.Before, s.options.Environment, s.options.RunLimit)
		if err != nil || end.code != 0 {
			return nil, end, fmt.Errorf("the command that goes before each run failed with %d: %w\n%s", end.code, orFailed(err), s.secrets.Replace(end.output))
		}
	}
	l := ledger.New(plan, only == nil || *only == "")
	s.mu.Lock()
	s.ledger, s.pools, s.tests, s.states = l, map[string][]ledger.Pool{}, map[string]string{}, map[string]map[string]state.Snapshot{}
	s.unknown = ""
	s.mu.Unlock()
	s.hub.Run(l)
	end, err := s.execute(ctx, s.options.Command, s.environment(only), limit)
	if err == nil {
		s.snapshot("") // of a command that is no test run
	}
	outcome := "passed"
	if end.code != 0 || end.timedOut {
		outcome = "failed"
	}
	l.Finish("", outcome, nil)
	s.hub.EndRun()
	s.mu.Lock()
	defer s.mu.Unlock()
	return &verdict.Run{Trace: l.Trace(), States: s.states, Unknown: s.unknown}, end, err
}

// errFailed stands for a command that ended with a code other than 0.
var errFailed = fmt.Errorf("it reports a failure")

func orFailed(err error) error {
	if err != nil {
		return err
	}
	return errFailed
}
