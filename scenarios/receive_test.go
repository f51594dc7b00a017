package scenarios_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	. "github.com/onsi/ginkgo/v2"
)

// post is one request as a receiver saw it.
type post struct {
	Body    string
	Event   event
	Valid   bool // its body is an event
	Header  http.Header
	Repeats int // how often the same event came before
}

type event struct {
	ID        string
	Kind      string
	CreatedAt int64 `json:"created_at"`
}

// receiver is a receiver whose answers a test decides; without an answer of
// its own it behaves well.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	posts []post
	seen  map[string]int
}

// receive starts a receiver that takes POST only. answer writes the answer and
// returns true, or returns false to leave it to the good behaviour.
func receive(answer func(http.ResponseWriter, *http.Request, post) bool) *receiver {
	GinkgoHelper()
	return receiveAny(func(w http.ResponseWriter, r *http.Request, p post) bool {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return true
		}
		return answer != nil && answer(w, r, p)
	})
}

// receiveAny is receive for whatever method.
func receiveAny(answer func(http.ResponseWriter, *http.Request, post) bool) *receiver {
	GinkgoHelper()
	r := &receiver{seen: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		p := post{Body: string(body), Header: req.Header}
		p.Valid = json.Unmarshal(body, &p.Event) == nil && p.Event.Kind != ""
		r.mu.Lock()
		p.Repeats = r.seen[p.Event.ID]
		r.seen[p.Event.ID]++
		r.posts = append(r.posts, p)
		r.mu.Unlock()
		switch {
		case answer(w, req, p):
		case !p.Valid:
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	DeferCleanup(r.Close)
	return r
}

func (r *receiver) received() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]post(nil), r.posts...)
}

func status(code int) func(http.ResponseWriter, *http.Request, post) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ post) bool {
		w.WriteHeader(code)
		return true
	}
}

// unless answers a status to every post that is not fine, and behaves well with the
// others.
func unless(code int, fine func(post) bool) func(http.ResponseWriter, *http.Request, post) bool {
	return func(w http.ResponseWriter, _ *http.Request, p post) bool {
		if fine(p) {
			return false
		}
		w.WriteHeader(code)
		return true
	}
}
