//go:build linux

package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tiebeam/tiebeam/internal/needs"
)

// grafana finds a Grafana and the folder with its defaults, or skips the test. No package that the tests may install
// brings one.
func grafana(t *testing.T) (command []string, home string) {
	t.Helper()
	found := os.Getenv("TIEBEAM_GRAFANA")
	for _, name := range []string{"grafana", "grafana-server"} {
		if path, err := exec.LookPath(name); err == nil && found == "" {
			found = path
		}
	}
	if found == "" {
		t.Skip("no grafana or grafana-server in PATH: say with TIEBEAM_GRAFANA where one is, and with TIEBEAM_GRAFANA_HOME where its conf is")
	}
	if strings.HasSuffix(found, "grafana-server") {
		command = []string{found}
	} else {
		command = []string{found, "server"}
	}
	for _, home := range []string{os.Getenv("TIEBEAM_GRAFANA_HOME"), filepath.Join(filepath.Dir(found), ".."), "/usr/share/grafana"} {
		if _, err := os.Stat(filepath.Join(home, "conf", "defaults.ini")); err == nil && home != "" {
			return command, home
		}
	}
	t.Skipf("%s has no conf/defaults.ini beside it: say with TIEBEAM_GRAFANA_HOME where that is", found)
	return nil, ""
}

// settings keep a Grafana to this machine: it neither reports nor asks for news.
const settings = `
[server]
http_addr = 127.0.0.1
http_port = %s
[paths]
data = %[2]s/data
logs = %[2]s/logs
plugins = %[2]s/plugins
provisioning = %[3]s/provisioning
[analytics]
reporting_enabled = false
check_for_updates = false
check_for_plugin_updates = false
feedback_links_enabled = false
[news]
news_feed_enabled = false
[plugins]
preinstall_disabled = true
[security]
admin_user = tester
admin_password = tester
disable_gravatar = true
`

// startGrafana starts a Grafana with our provisioning, which asks a Prometheus, and gives its address.
func startGrafana(t *testing.T, prometheus *server) (address string) {
	t.Helper()
	command, home := grafana(t)
	folder, err := filepath.Abs(dashboards)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ini := filepath.Join(dir, "grafana.ini")
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	t.Cleanup(func() {
		if out, err := os.ReadFile(said.Name()); t.Failed() && err == nil {
			t.Logf("Grafana said:\n%s", out)
		}
	})
	port := needs.Server(t, func(port int) *exec.Cmd {
		if err := os.WriteFile(ini, fmt.Appendf(nil, settings, strconv.Itoa(port), dir, folder), 0o644); err != nil {
			t.Fatal(err)
		}
		running := exec.Command(command[0], append(command[1:len(command):len(command)], "--homepath", home, "--config", ini)...)
		running.Env = append(os.Environ(), "TIEBEAM_DASHBOARDS="+folder, "TIEBEAM_PROMETHEUS=http://"+prometheus.address)
		running.Dir, running.Stdout, running.Stderr = dir, said, said
		return running
	})
	return "127.0.0.1:" + strconv.Itoa(port)
}

// call asks the API of a Grafana, with a body where there is one.
func call(address, path string, body, into any) error {
	method, sent := http.MethodGet, io.Reader(nil)
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		method, sent = http.MethodPost, bytes.NewReader(raw)
	}
	request, err := http.NewRequest(method, "http://"+address+path, sent)
	if err != nil {
		return err
	}
	request.SetBasicAuth("tester", "tester")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, answer.Status, raw)
	}
	return json.Unmarshal(raw, into)
}

// TestGrafana: a real Grafana takes in the dashboard and the source of data from our files, keeps each panel with its
// questions, and answers each of them from a real Prometheus.
func TestGrafana(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	grafana(t) // or skips before anything is started
	prometheus, _, _, _ := watching(t)
	address := startGrafana(t, prometheus)
	var loaded struct {
		Meta      struct{ Provisioned bool }
		Dashboard board
	}
	until(t, "the dashboard is loaded", func() error { return call(address, "/api/dashboards/uid/tiebeam-watch", nil, &loaded) })
	if !loaded.Meta.Provisioned {
		t.Error("the dashboard does not come from the file")
	}
	written := readDashboard(t)
	if diff := cmp.Diff(written, loaded.Dashboard); diff != "" {
		t.Errorf("the dashboard is another one (-file +Grafana):\n%s", diff)
	}
	var processes struct{ Data []string }
	values := "/api/datasources/uid/tiebeam/resources/api/v1/label/instance/values?" + url.Values{"match[]": {"tiebeam_process_up"}}.Encode()
	until(t, "the processes to choose from", func() error {
		if err := call(address, values, nil, &processes); err != nil || len(processes.Data) != 1 {
			return errors.Join(err, fmt.Errorf("processes %v", processes.Data))
		}
		return nil
	})
	asked := 0
	for _, panel := range written.Panels {
		for _, target := range panel.Targets {
			asked++
			// The page of Grafana puts in what is chosen; its server the interval.
			expression := strings.ReplaceAll(target.Expr, "$instance", processes.Data[0])
			until(t, panel.Title+": "+expression, func() error { return answered(address, expression) })
		}
	}
	t.Logf("%d panels with %d questions", len(loaded.Dashboard.Panels), asked)
}

// answered asks as a panel does; it is an error as long as there is no value in the answer.
func answered(address, expression string) error {
	type object = map[string]any
	query := object{
		"from": "now-5m", "to": "now", "queries": []object{{
			"refId": "A", "datasource": object{"type": "prometheus", "uid": "tiebeam"}, "expr": expression, "range": true, "intervalMs": 1000, "maxDataPoints": 300,
		}},
	}
	var answer struct {
		Results map[string]struct {
			Error  string
			Frames []struct {
				Data struct{ Values [][]any }
			}
		}
	}
	if err := call(address, "/api/ds/query", query, &answer); err != nil {
		return err
	}
	for _, frame := range answer.Results["A"].Frames {
		if len(frame.Data.Values) == 2 && len(frame.Data.Values[1]) > 0 {
			return nil
		}
	}
	return fmt.Errorf("no value: %+v", answer)
}
