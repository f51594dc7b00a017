package diagnose

import (
	"net/url"
	"strings"
)

// relation is how the place that a redirect names stands to the one that was
// asked.
type relation string

const (
	toNowhere relation = "none"  // no Location, or none that parses
	toItself  relation = "self"  // the same URL again
	toHTTPS   relation = "https" // the same place, by https
	toSlash   relation = "slash" // the same place with a slash more or less
	toLogin   relation = "login" // a page to log in
	toHost    relation = "host"  // another host
	toBare    relation = "bare"  // the site root, written as scheme and host alone, as Laravel does
	toRoot    relation = "root"  // the site root
	toOther   relation = "other" // any other page of the same site
)

func relations() []relation {
	return []relation{toNowhere, toItself, toHTTPS, toSlash, toLogin, toHost, toBare, toRoot, toOther}
}

// redirect is what a Location header says.
type redirect struct {
	relation relation
	samePath bool
	// shown is the Location as evidence may quote it: without the query and
	// without user and password.
	shown string
}

// loginWords tells login pages by their address; the words are data.
type loginWords struct{ path, host, back *pattern }

// analyse compares a Location with the target. Without a target (nil) only
// the Location itself can be judged.
func (w *loginWords) analyse(target *url.URL, location string) redirect {
	location = strings.TrimSpace(location)
	loc, err := url.Parse(location)
	if location == "" || err != nil {
		return redirect{relation: toNowhere, shown: location}
	}
	r := redirect{shown: showURL(loc)}
	if target == nil {
		target = &url.URL{Scheme: "http", Host: loc.Host, Path: "/kometia/webhook"}
	}
	to := target.ResolveReference(loc)
	from, dest := cleanPath(target.Path), cleanPath(to.Path)
	sameHost := strings.EqualFold(target.Hostname(), to.Hostname())
	r.samePath = strings.TrimSuffix(from, "/") == strings.TrimSuffix(dest, "/")
	switch {
	case sameHost && r.samePath && target.Scheme == "http" && to.Scheme == "https":
		r.relation = toHTTPS
	case sameHost && r.samePath && strings.TrimSuffix(from, "/") != "" && target.Path != to.Path:
		r.relation = toSlash
	case sameHost && r.samePath && target.Scheme == to.Scheme:
		r.relation = toItself
	case !r.samePath && w.isLogin(from, dest, to):
		r.relation = toLogin
	case !sameHost:
		r.relation = toHost
	case strings.Trim(dest, "/") == "" && loc.Host != "" && loc.Path == "" && loc.RawQuery == "":
		r.relation = toBare
	case strings.Trim(dest, "/") == "":
		r.relation = toRoot
	default:
		r.relation = toOther
	}
	return r
}

// isLogin reports whether the redirect leads to a login page. Words that the
// target's own path has prove nothing (/auth/login/webhook to
// /auth/login/other), unless the page itself is called so or is told where to
// go back to afterwards.
func (w *loginWords) isLogin(from, dest string, to *url.URL) bool {
	back := w.goesBack(from, to)
	if w.path.in(dest) && (back || !w.path.in(from) || w.path.in(dest[strings.LastIndexByte(strings.TrimSuffix(dest, "/"), '/'):])) {
		return true
	}
	if back && strings.Trim(dest, "/") != "" {
		return true
	}
	// The fragment is where single-page applications have theirs: /#/login.
	return w.host.in(to.Hostname()) || w.path.in("/"+to.Fragment)
}

// goesBack reports whether the query says that the way leads back to where the
// request went: ?next=/kometia/webhook.
func (w *loginWords) goesBack(from string, to *url.URL) bool {
	for name, values := range to.Query() {
		for _, v := range values {
			if u, err := url.Parse(v); err == nil && w.back.in(name) && strings.Trim(cleanPath(u.Path), "/") == strings.Trim(from, "/") {
				return true
			}
		}
	}
	return false
}

// cleanPath collapses repeated slashes, because servers redirect those away
// as they do with a slash at the end.
func cleanPath(p string) string {
	if p == "" {
		return "/"
	}
	for strings.Contains(p, "//") {
		p = strings.ReplaceAll(p, "//", "/")
	}
	return p
}

func showURL(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	query := c.RawQuery != "" || c.ForceQuery
	c.RawQuery, c.ForceQuery = "", false
	s := c.String()
	if query {
		s += "?…"
	}
	return s
}
