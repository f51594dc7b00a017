package page

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
)

// form reads the form of a request.
func (v *visit) form() error {
	if err := v.r.ParseForm(); err != nil {
		return &platform.Invalid{Err: lang.Errorf("el formulario no se entiende", "the form is not understood")}
	}
	return nil
}

// add adds a webhook; what is wrong with it stands beside its form.
func add(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	form := v.typed()
	_, err := v.Platform.Subscribe(v.ctx(), form.Webhook)
	if err == nil {
		return v.leave("/", "added")
	}
	status, told := statusOf(err)
	if !told {
		return err
	}
	form.refused(err, v.tag)
	if form.Kinds == nil {
		form.Kinds = []string{}
	}
	return showHome(v, status, form)
}

// typed is the webhook that a form asks for.
func (v *visit) typed() webhookForm {
	f := v.r.PostForm
	form := webhookForm{Webhook: platform.Webhook{URL: strings.TrimSpace(f.Get("url")), Kinds: f["kinds"]}}
	form.Elsewhere = form.URL != "" && f.Get("elsewhere") == form.URL // another URL since is not confirmed
	return form
}

func change(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	id, err := v.id()
	if err != nil {
		return err
	}
	form := v.typed()
	if _, err = v.Platform.Change(v.ctx(), id, form.Webhook); err == nil {
		return v.leave(fmt.Sprint("/webhooks/", id), "changed")
	}
	status, told := statusOf(err)
	if !told || status == http.StatusNotFound {
		return err
	}
	form.refused(err, v.tag)
	return showWebhook(v, status, &form)
}

func remove(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.Platform.Unsubscribe(v.ctx(), id)
	}
	if err != nil {
		return err
	}
	return v.leave("/", "removed")
}

func breaks(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	f, err := platform.ParseFault(v.r.PostFormValue("fault"))
	if err != nil {
		return &platform.Invalid{Err: err}
	}
	times, err := strconv.Atoi(v.r.PostFormValue("times"))
	if err != nil {
		times = 1
	}
	if _, err := v.Platform.Break(v.ctx(), id, f, times); err != nil {
		return err
	}
	return v.leave(v.r.PostFormValue("back"), "changed")
}

func redeliver(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.Platform.Redeliver(v.ctx(), id)
	}
	if err != nil {
		return err
	}
	return v.leave(fmt.Sprint("/deliveries/", id), "redelivered")
}

// export gives a delivery as a file that replay plays.
func export(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if v.Case == nil {
		return nowhere(v)
	}
	d, err := v.Platform.Delivery(v.ctx(), id)
	if err != nil {
		return err
	}
	content, err := v.Case(d)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="delivery-%d.json"`, id))
	_, _ = v.w.Write(content)
	return nil
}

// advance lets the time go ahead, and answers once it is written down how far.
func advance(v *visit) error {
	by, err := time.ParseDuration(v.r.PostFormValue("by"))
	if err != nil {
		return &platform.Invalid{Err: lang.Errorf("se espera una duración, como 1h o 48h", "expected a duration, such as 1h or 48h")}
	}
	if _, err := v.Platform.Advance(v.ctx(), by); err != nil {
		return err
	}
	return v.leave(v.r.PostFormValue("back"), "")
}

func finish(v *visit) error {
	if _, err := v.Platform.Finish(v.ctx()); err != nil {
		return err
	}
	return v.leave(v.r.PostFormValue("back"), "")
}

func play(v *visit) error {
	speed, err := strconv.ParseFloat(v.r.PostFormValue("speed"), 64)
	if err != nil {
		return &platform.Invalid{Err: lang.Errorf("la velocidad es un número", "the speed is a number")}
	}
	if _, err := v.Platform.Play(v.ctx(), speed); err != nil {
		return err
	}
	return v.leave(v.r.PostFormValue("back"), "")
}

func reset(v *visit) error {
	if v.r.PostFormValue("sure") == "" {
		return &platform.Invalid{Err: lang.Errorf("marque la casilla para borrar todo", "tick the box to forget everything")}
	}
	if err := v.Platform.Reset(v.ctx()); err != nil {
		return err
	}
	return v.leave("/", "reset")
}
