package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/practice/strictjson"
)

// API is where a receiver finds Kometia's API, and its key there.
type API struct {
	// URL is where /api/v1 is found: http://127.0.0.1:4010. Empty means nowhere.
	URL string
	Key string
}

// apiTimeout is how long the API may take, so that the sender still gets an
// answer.
const apiTimeout = 2 * time.Second

// errNotInAPI is what the API says of what it does not know, errOtherInAPI of what
// it has otherwise.
var (
	errNotInAPI   = errors.New("the API does not know it")
	errOtherInAPI = fmt.Errorf("%w: it has that id of another kind or object", errNotInAPI)
)

// thin takes a delivery for a hint: it reads the event and its object from the
// API (guide, "Verificando eventos") and acts on those. An object that has
// changed since is acted on as it is now; one that is gone, as the event told it.
func thin(r *Receiver, next handling) handling {
	return asksFirst(verified)(r, next)
}

// apiClient asks Kometia's API.
type apiClient struct {
	API
	reader reader
}

// event reads what the API says of an event.
func (c apiClient) event(ctx context.Context, heard event) (event, error) {
	data, err := c.ask(ctx, eventPath(heard.id))
	if err != nil {
		return event{}, err
	}
	e, err := c.reader.parse(data)
	if err != nil {
		return event{}, err
	}
	if e.kind != heard.kind || e.objectID != heard.objectID {
		return event{}, errOtherInAPI
	}
	return e, nil
}

// eventNow reads what the API says of an event and of its object.
func (c apiClient) eventNow(ctx context.Context, heard event) (event, error) {
	e, err := c.event(ctx, heard)
	if err != nil {
		return event{}, err
	}
	path := url.PathEscape(e.objectType) + "s/" + url.PathEscape(e.objectID)
	if e.objectType == "fulfillment" {
		var f struct {
			OrderID string `json:"order_id"`
		}
		if err := json.Unmarshal(e.object, &f); err != nil {
			return event{}, err
		}
		path = "orders/" + url.PathEscape(f.OrderID) + "/" + path
	}
	now, err := c.ask(ctx, path)
	if errors.Is(err, errNotInAPI) {
		return e, nil
	}
	if err != nil {
		return event{}, err
	}
	object, err := strictjson.Members("object", now)
	if err != nil {
		return event{}, err
	}
	if e.updatedAt, err = strictjson.Seconds(object, "updated_at", e.createdAt); err != nil {
		return event{}, err
	}
	e.object = now
	return e, nil
}

// ask gets what stands under "data" at a path of the API.
func (c apiClient) ask(ctx context.Context, path string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+"/api/v1/"+path, nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(c.Key, "")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	switch {
	case res.StatusCode == http.StatusNotFound:
		return nil, errNotInAPI
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the API answered %d", res.StatusCode)
	case err != nil:
		return nil, err
	}
	root, err := strictjson.Members("answer", body)
	return root["data"], err
}
