package catalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// pyproject is the part of pyproject.toml that names dependencies: PEP 621, PEP 735, Poetry and PDM.
type pyproject struct {
	Project struct {
		Dependencies []string            `toml:"dependencies"`
		Optional     map[string][]string `toml:"optional-dependencies"`
		Python       string              `toml:"requires-python"`
	} `toml:"project"`
	Groups map[string][]any `toml:"dependency-groups"`
	Tool   struct {
		Poetry struct {
			Dependencies map[string]any `toml:"dependencies"`
			Dev          map[string]any `toml:"dev-dependencies"`
			Group        map[string]struct {
				Dependencies map[string]any `toml:"dependencies"`
			} `toml:"group"`
		} `toml:"poetry"`
		PDM struct {
			Dev map[string][]string `toml:"dev-dependencies"`
		} `toml:"pdm"`
	} `toml:"tool"`
}

func readPyproject(file string, text []byte, found *collection) {
	var project pyproject
	if err := toml.Unmarshal(text, &project); err != nil {
		line, message := tomlFault(err)
		found.fail(file, line, "is no valid TOML: %s", message)
		return
	}
	require := func(requirements []string) {
		for _, requirement := range requirements {
			found.require(requirement, file, lineOf(text, requirement))
		}
	}
	require(project.Project.Dependencies)
	for _, extra := range slices.Sorted(maps.Keys(project.Project.Optional)) {
		require(project.Project.Optional[extra])
	}
	for _, group := range slices.Sorted(maps.Keys(project.Groups)) {
		for _, item := range project.Groups[group] {
			if requirement, ok := item.(string); ok { // the others include another group
				require([]string{requirement})
			}
		}
	}
	for _, group := range slices.Sorted(maps.Keys(project.Tool.PDM.Dev)) {
		require(project.Tool.PDM.Dev[group])
	}
	if project.Project.Python != "" {
		found.wanted("python", project.Project.Python, file, lineOf(text, "requires-python"))
	}
	readPoetry(file, text, &project, found)
}

// readPoetry reads Poetry's tables: name = "^1.2" or name = {version = "^1.2", ...}.
func readPoetry(file string, text []byte, project *pyproject, found *collection) {
	tables := []map[string]any{project.Tool.Poetry.Dependencies, project.Tool.Poetry.Dev}
	for _, group := range slices.Sorted(maps.Keys(project.Tool.Poetry.Group)) {
		tables = append(tables, project.Tool.Poetry.Group[group].Dependencies)
	}
	for _, table := range tables {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			specifier, _ := table[name].(string)
			if detail, ok := table[name].(map[string]any); ok {
				specifier, _ = detail["version"].(string)
			}
			if specifier != "" {
				found.wanted(name, specifier, file, lineOf(text, "\n"+name+" ")+1)
			}
		}
	}
}

// readSetupCfg reads the lists of requirements of setup.cfg: indented lines below a key, or values on its own line.
func readSetupCfg(file string, text []byte, found *collection) {
	section, listing := "", false
	for i, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		trimmed := withoutComment(line)
		indented := line != "" && (line[0] == ' ' || line[0] == '\t')
		switch {
		case trimmed == "":
		case strings.HasPrefix(trimmed, "[") && !indented:
			if !strings.HasSuffix(trimmed, "]") {
				found.fail(file, i+1, "is no section: %q", trimmed)
			}
			section, listing = strings.Trim(trimmed, "[]"), false
		case indented && listing:
			found.require(trimmed, file, i+1)
		case !indented:
			key, value, _ := strings.Cut(trimmed, "=")
			key = strings.TrimSpace(key)
			listing = section == "options" && (key == "install_requires" || key == "tests_require") || section == "options.extras_require"
			switch value = strings.TrimSpace(value); {
			case section == "options" && key == "python_requires":
				found.wanted("python", value, file, i+1)
			case listing && value != "":
				found.require(value, file, i+1)
			}
		}
	}
}
