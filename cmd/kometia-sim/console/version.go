package console

import (
	"regexp"
	"runtime/debug"
	"strings"
)

// Version is that of kometia-sim, or the one that is next.
const Version = "0.1.0"

// Tool is how reports name what made them: kometia-sim and the version that git
// had when it was built. What is built from a tag is that version, everything else
// says which commit it is of: kometia-sim 0.1.0+4c07c8c3b2a1.
func Tool() string {
	info, _ := debug.ReadBuildInfo()
	return "kometia-sim " + versionOf(info)
}

var (
	tagged = regexp.MustCompile(`^v\d+\.\d+\.\d+(-(alpha|beta|rc)\.?\d+)?$`)
	// pseudo is the version that go gives a commit without a tag.
	pseudo = regexp.MustCompile(`^v\d+\.\d+\.\d+-.*\d{14}-([0-9a-f]{12})(\+dirty)?$`)
)

// versionOf is the version of a program that was built so; info may be nil.
func versionOf(info *debug.BuildInfo) string {
	if info == nil {
		return Version
	}
	if tagged.MatchString(info.Main.Version) {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	revision, modified := "", ""
	if m := pseudo.FindStringSubmatch(info.Main.Version); m != nil {
		revision = m[1]
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = ".modified"
		}
	}
	if revision == "" {
		return Version
	}
	return Version + "+" + revision + modified
}
