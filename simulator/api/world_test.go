package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

const secret = "sk_test_00000000000000000000000000000"

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// tree parses JSON that a test wrote.
func tree(format string, args ...any) *jsontree.Object {
	d, err := jsontree.Parse(fmt.Appendf(nil, format, args...))
	Expect(err).NotTo(HaveOccurred())
	return d.Root.(*jsontree.Object)
}

// event is an event of kind about an object, at a time.
func event(id, kind, object string, at time.Time) *shop.Event {
	objectType, _, _ := strings.Cut(kind, ".")
	return &shop.Event{
		ID: id, Kind: kind, ObjectType: objectType, ObjectID: object, At: at,
		Tree: tree(`{"id":%q,"object":"event","kind":%q,"data":{"object":{"id":%q,"object":%q,"kind":%q,"created_at":%d}},"created_at":%d}`,
			id, kind, object, objectType, kind, noon.Unix(), at.Unix()),
	}
}

// answer is what the handler says.
type answer struct {
	status int
	header http.Header
	body   string
}

// data is the member "data" of an answer, decoded.
func (a answer) data() any { return a.member("data") }

func (a answer) member(name string) any {
	var v map[string]any
	ExpectWithOffset(1, json.Unmarshal([]byte(a.body), &v)).To(Succeed())
	return v[name]
}

// ids are the ids of a list.
func (a answer) ids() []string {
	ids := []string{}
	for _, v := range a.data().([]any) {
		ids = append(ids, v.(map[string]any)["id"].(string))
	}
	return ids
}

// ask sends a request with the right key unless change takes it away.
func ask(store api.Store, method, path string, change ...func(*http.Request)) answer {
	return askOf(options(store), method, path, change...)
}

// options are those of an API that the secret key opens.
func options(store api.Store) api.Options {
	return api.Options{Keys: api.Fixed(api.Key{Value: secret, Name: "secret", Store: store})}
}

func askOf(o api.Options, method, path string, change ...func(*http.Request)) answer {
	r := httptest.NewRequestWithContext(context.Background(), method, "http://api.test"+path, nil)
	r.SetBasicAuth(secret, "")
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	api.New(o).ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}
