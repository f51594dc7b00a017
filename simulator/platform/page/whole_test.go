package page_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/html"
)

// find gives all elements of a name.
func find(n *html.Node, name string) (all []*html.Node) {
	if n.Type == html.ElementNode && n.Data == name {
		all = append(all, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		all = append(all, find(c, name)...)
	}
	return all
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// whole holds a page against what every page keeps to, and gives its links.
func whole(body, path, language string) (links []string) {
	GinkgoHelper()
	doc, err := html.Parse(strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	Expect(body).NotTo(ContainSubstring("<no value>"))
	Expect(body).NotTo(ContainSubstring("ZgotmplZ"))
	tag, _ := attr(find(doc, "html")[0], "lang")
	Expect(tag).To(Equal(language))
	Expect(find(doc, "h1")).To(HaveLen(1), path)
	Expect(find(doc, "title")[0].FirstChild.Data).NotTo(HavePrefix(" "), path)
	ids := map[string]bool{}
	labels := map[string]bool{}
	for _, l := range find(doc, "label") {
		of, _ := attr(l, "for")
		labels[of] = true
	}
	var walk func(n *html.Node, labelled bool)
	walk = func(n *html.Node, labelled bool) {
		if n.Type == html.ElementNode {
			if id, ok := attr(n, "id"); ok {
				Expect(ids).NotTo(HaveKey(id), path)
				ids[id] = true
			}
			for _, a := range n.Attr {
				Expect(a.Key).NotTo(HavePrefix("on"), path)
				Expect(a.Key).NotTo(Equal("style"), path)
			}
			id, _ := attr(n, "id")
			kind, _ := attr(n, "type")
			labelled = labelled || n.Data == "label"
			switch n.Data {
			case "input", "select", "textarea":
				Expect(kind == "hidden" || labelled || labels[id]).To(BeTrue(), "%s: %s %s has no label", path, n.Data, id)
			case "script":
				Expect(n.FirstChild).To(BeNil(), path)
			case "a":
				href, _ := attr(n, "href")
				Expect(href).NotTo(BeEmpty(), path)
				if strings.HasPrefix(href, "/") {
					links = append(links, href)
				} else if href == "?" {
					links = append(links, strings.SplitN(path, "?", 2)[0])
				} else {
					Expect(href).To(HavePrefix("#"), path)
				}
			case "form":
				method, _ := attr(n, "method")
				action, _ := attr(n, "action")
				Expect(method).To(BeElementOf("post", "get"), path)
				Expect(action).To(HavePrefix("/"), path)
			case "th":
				_, ok := attr(n, "scope")
				Expect(ok).To(BeTrue(), path)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, labelled)
		}
	}
	walk(doc, false)
	return links
}
