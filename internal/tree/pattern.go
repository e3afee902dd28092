package tree

import (
	"strings"
)

// Patterns are the lines of one .gitignore file, or of the configuration's exclude list, which has the same syntax:
// https://git-scm.com/docs/gitignore. The zero value and nil match nothing. Matching is O(pattern × path) whatever the
// pattern, as both stars of a segment and double stars of a path go back to the last star only.
type Patterns struct {
	// dir is the directory of the file with a closing slash, "" for the root: patterns hold for what lies below.
	dir   string
	lines []pattern
	// below is set for a file above the root: the root's own path from there, with a closing slash.
	below string
}

type pattern struct {
	segments []string // between slashes; one alone is compared with the base name
	negated  bool
	dirOnly  bool
	anywhere bool   // the pattern has no slash, so it holds at every depth
	literal  bool   // no segment has a special character
	suffix   string // for "*.ext": what the name must end with
}

// ParsePatterns reads the text of a .gitignore that lies in dir, a path relative to the root ("" for the root itself).
func ParsePatterns(dir, text string) *Patterns {
	p := &Patterns{dir: dir}
	if dir != "" {
		p.dir += "/"
	}
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	for line := range strings.SplitSeq(text, "\n") {
		if parsed, ok := parsePattern(strings.TrimSuffix(line, "\r")); ok {
			p.lines = append(p.lines, parsed)
		}
	}
	return p
}

func parsePattern(line string) (pattern, bool) {
	if strings.HasPrefix(line, "#") {
		return pattern{}, false
	}
	line = trimSpaces(line)
	var p pattern
	if rest, ok := strings.CutPrefix(line, "!"); ok {
		p.negated, line = true, rest
	}
	if rest, ok := strings.CutSuffix(line, "/"); ok {
		p.dirOnly, line = true, rest
	}
	p.anywhere = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return pattern{}, false
	}
	p.segments = strings.Split(line, "/")
	for i, segment := range p.segments {
		if len(segment) > 2 && strings.Trim(segment, "*") == "" {
			p.segments[i] = "**"
		}
	}
	p.literal = !strings.ContainsAny(line, `*?[\`)
	if rest, ok := strings.CutPrefix(line, "*"); ok && p.anywhere && !strings.ContainsAny(rest, `*?[\`) {
		p.suffix = rest
	}
	return p, true
}

// trimSpaces drops spaces at the end that no backslash quotes.
func trimSpaces(line string) string {
	end := len(line)
	for end > 0 && line[end-1] == ' ' {
		end--
	}
	slashes := 0
	for slashes < end && line[end-1-slashes] == '\\' {
		slashes++
	}
	if slashes%2 == 1 && end < len(line) {
		end++
	}
	return line[:end]
}

// Decide looks for the last pattern that matches: matched says whether there is one, ignored whether it ignores or, with
// an exclamation mark, takes back. The path is relative to the root.
func (p *Patterns) Decide(name string, dir bool) (ignored, matched bool) {
	if p == nil || len(p.lines) == 0 {
		return false, false
	}
	name = p.below + name
	if !strings.HasPrefix(name, p.dir) {
		return false, false
	}
	name = name[len(p.dir):]
	base := name[strings.LastIndexByte(name, '/')+1:]
	var segments []string
	for i := len(p.lines) - 1; i >= 0; i-- {
		line := &p.lines[i]
		if line.dirOnly && !dir {
			continue
		}
		if !line.anywhere && segments == nil {
			segments = strings.Split(name, "/")
		}
		if line.match(base, segments) {
			return !line.negated, true
		}
	}
	return false, false
}

// Match reports whether the last pattern that matches ignores the path.
func (p *Patterns) Match(name string, dir bool) bool {
	ignored, _ := p.Decide(name, dir)
	return ignored
}

// Covers reports whether the path or a directory above it is ignored.
func (p *Patterns) Covers(name string) bool {
	for at := 0; p != nil; {
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			return p.Match(name, false)
		}
		if p.Match(name[:at+next], true) {
			return true
		}
		at += next + 1
	}
	return false
}

func (l *pattern) match(base string, segments []string) bool {
	switch {
	case l.suffix != "":
		return strings.HasSuffix(base, l.suffix)
	case l.anywhere && l.literal:
		return base == l.segments[0]
	case l.anywhere:
		return matchSegment(l.segments[0], base)
	}
	return matchSegments(l.segments, segments)
}

// matchSegments compares whole paths. "**" stands for any number of segments, at the end for at least one.
func matchSegments(pattern, name []string) bool {
	p, n := 0, 0
	starP, starN := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			if p == len(pattern)-1 {
				return true
			}
			starP, starN = p, n
			p++
		case p < len(pattern) && matchSegment(pattern[p], name[n]):
			p++
			n++
		case starP >= 0:
			starN++
			p, n = starP+1, starN
		default:
			return false
		}
	}
	return p == len(pattern)
}

// matchSegment compares one segment: "*" any characters, "?" one, "[…]" a class, "\" quotes. Characters are bytes, as
// in git's wildmatch.c.
func matchSegment(pattern, name string) bool {
	p, n := 0, 0
	starP, starN := -1, 0
	for n < len(name) || p < len(pattern) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p, n
			p++
			continue
		}
		if p < len(pattern) && n < len(name) {
			if width, ok := matchByte(pattern[p:], name[n]); ok {
				p += width
				n++
				continue
			} else if width == 0 {
				return false
			}
		}
		if starP < 0 || starN >= len(name) {
			return false
		}
		starN++
		p, n = starP+1, starN
	}
	return true
}

// matchByte compares the first element of a pattern with one byte. The width of the element is 0 where it is malformed,
// which matches nothing at all.
func matchByte(pattern string, b byte) (width int, ok bool) {
	switch pattern[0] {
	case '?':
		return 1, true
	case '\\':
		if len(pattern) == 1 {
			return 0, false
		}
		return 2, pattern[1] == b
	case '[':
		return matchClass(pattern, b)
	}
	return 1, pattern[0] == b
}
