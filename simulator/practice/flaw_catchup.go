package practice

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// catchUpFlaws read the API, and go wrong when they look there for what they
// missed.
func catchUpFlaws() []flaw {
	const check = "KOM-REC-001"
	catchingUp := func(name, es, en string, do func(context.Context, *Receiver, event) error) flaw {
		return flaw{Flaw: Flaw{Name: name, Title: lang.Text{ES: es, EN: en}, Fails: []string{check}, UsesAPI: true}, wrap: thin, catchesUp: do}
	}
	return []flaw{
		catchingUp("catch-up-blind", "su tarea de ponerse al día actúa otra vez por lo que ya había llegado", "its catch-up job acts again on what had arrived",
			func(ctx context.Context, r *Receiver, e event) error { return r.store.again(ctx, e, r.clock.Now()) }),
		catchingUp("catch-up-marks", "su tarea de ponerse al día anota lo que encuentra y no hace nada por ello", "its catch-up job notes what it finds and does nothing about it",
			func(context.Context, *Receiver, event) error { return nil }),
	}
}

// perPage is how many events of the API are asked for at once.
const perPage = 100

// catchUp looks in the API for events that were missed and acts on them, the oldest
// first, as on deliveries: what is known already is left alone.
func (r *Receiver) catchUp(ctx context.Context) error {
	if r.api.URL == "" {
		return fmt.Errorf("%w: nothing says where the API is", errNotInAPI)
	}
	var missed []event
	for page := 1; ; page++ {
		data, err := r.api.ask(ctx, fmt.Sprintf("events?page=%d&per_page=%d", page, perPage))
		if err != nil {
			return err
		}
		var events []json.RawMessage
		if err := json.Unmarshal(data, &events); err != nil {
			return err
		}
		for _, one := range events {
			if e, err := r.parse(one); err == nil && e.known() {
				missed = append(missed, e)
			}
		}
		if len(events) < perPage {
			break
		}
	}
	slices.Reverse(missed)
	for _, e := range missed {
		if err := r.caught(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// caught acts on an event that was found in the API.
func (r *Receiver) caught(ctx context.Context, e event) error {
	if r.flaw.catchesUp != nil {
		return r.flaw.catchesUp(ctx, r, e)
	}
	_, err := r.store.act(ctx, e, r.clock.Now())
	return err
}
