package console

import (
	"runtime/debug"
	"testing"

	_ "github.com/onsi/ginkgo/v2" // for its flags: one command line runs the tests of all packages
)

func TestVersion(t *testing.T) {
	vcs := func(version string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Version: version}}
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	const commit = "4c07c8c3b2a1d4e5f60718293a4b5c6d7e8f9012"
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{nil, Version},
		{vcs("(devel)"), Version},
		{vcs("v1.2.3"), "1.2.3"},
		{vcs("v1.2.3-rc.1", "vcs.revision", commit), "1.2.3-rc.1"},
		{vcs("(devel)", "vcs.revision", commit, "vcs.modified", "false"), Version + "+4c07c8c3b2a1"},
		{vcs("v1.2.3+dirty", "vcs.revision", commit, "vcs.modified", "true"), Version + "+4c07c8c3b2a1.modified"},
		{vcs("v0.0.0-20261129192734-4c07c8c3b2a1"), Version + "+4c07c8c3b2a1"},
		{vcs("v1.2.4-0.20261129192734-4c07c8c3b2a1+dirty"), Version + "+4c07c8c3b2a1"},
	} {
		if got := versionOf(c.info); got != c.want {
			t.Errorf("%+v: %q, want %q", c.info, got, c.want)
		}
	}
	if Tool() != "kometia-sim "+Version {
		t.Errorf("a test is built without git, and says %q", Tool())
	}
}
