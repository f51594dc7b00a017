package main

import (
	"context"
	"errors"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// target is where events go: a URL, or a practice receiver that is started for
// the occasion.
type target struct {
	wire     *wire.Target // nil until the practice receiver has been started
	practice bool
	process  *practiceProcess // the practice receiver, once it was started
	flaw     string           // of the practice receiver; "" is the good one
	word     string           // as the user named it, redacted
}

// kept reports whether the target may be kept: it holds no secret.
func (t *target) kept() bool { return t.practice || t.word == t.wire.URL() }

// readTarget finds the target: the flag, else KOMETIA_SIM_TARGET, else the
// config, where several subscriptions need a choice.
func (s *session) readTarget(set *settings, flag string, need bool) error {
	raw := s.given(flag, "KOMETIA_SIM_TARGET", set.config.Target)
	subs := set.config.Subscriptions
	if raw == "" && len(subs) > 1 && s.flags.Command.Name == "run" {
		return set.readSeveral()
	}
	if raw == "" && len(subs) > 1 {
		var urls []string
		for _, sub := range subs {
			urls = append(urls, wire.Redact(sub.URL))
		}
		return lang.Errorf("la configuración tiene %d suscripciones; elija una con --%s: %s", "the config has %d subscriptions; choose one with --%s: %s",
			len(subs), flag, strings.Join(urls, ", "))
	}
	if raw == "" && len(subs) == 1 {
		raw = subs[0].URL
	}
	for _, sub := range subs {
		if sub.URL == raw {
			set.kinds = sub.Kinds
		}
	}
	if raw == "" {
		if !need {
			return nil
		}
		return lang.Errorf("falta el destino: use --%s URL, KOMETIA_SIM_TARGET o target: en %s (o --%s practice para probar)",
			"no target: use --%s URL, KOMETIA_SIM_TARGET or target: in %s (or --%s practice to try it out)", flag, configFile, flag)
	}
	t, err := parseTarget(raw)
	set.target = t
	return err
}

// subscribed is a subscription that is going to be played.
type subscribed struct {
	subscription
	target target
}

// readSeveral makes every subscription a target, each with its own kinds.
func (set *settings) readSeveral() error {
	var errs []error
	for _, sub := range set.config.Subscriptions {
		t, err := parseTarget(sub.URL)
		set.several, errs = append(set.several, subscribed{sub, t}), append(errs, err)
	}
	return errors.Join(errs...)
}

// checkTarget is parseTarget for whoever wants to know only whether it is one.
func checkTarget(raw string) error {
	_, err := parseTarget(raw)
	return err
}

func parseTarget(raw string) (target, error) {
	name, flaw, named := strings.Cut(raw, ":")
	if name != "practice" {
		t, err := wire.ParseTarget(raw)
		return target{wire: t, word: wire.Redact(raw)}, err
	}
	t := target{practice: true, flaw: flaw, word: raw}
	if !named {
		return t, nil
	}
	return t, checkFlaw(flaw)
}

func checkFlaw(name string) error {
	var names []string
	for _, f := range practice.Flaws() {
		if f.Name == name {
			return nil
		}
		names = append(names, f.Name)
	}
	return lang.Errorf("no existe el receptor de práctica %q%s (kometia-sim list flaws los muestra)", "unknown practice receiver %q%s (kometia-sim list flaws shows them)",
		name, lang.DidYouMean(schemas.Suggest(name, names)))
}

// traits are what has to be known of the practice receiver; the zero Flaw for
// any other target, and for the good one.
func (t *target) traits() practice.Flaw {
	for _, f := range practice.Flaws() {
		if t.practice && f.Name == t.flaw {
			return f
		}
	}
	return practice.Flaw{}
}

// open makes the target ready, once the API is open that it may read. Its closer
// ends what was started.
func (s *session) open(ctx context.Context, set *settings) (closer func(), err error) {
	t := &set.target
	if !t.practice {
		return func() {}, nil
	}
	p := &practiceProcess{executable: s.Executable, lang: s.Lang, flaw: t.flaw, listen: "127.0.0.1:0"}
	if dir := s.given("schemas", "KOMETIA_SIM_SCHEMAS", set.config.Schemas); dir != "" {
		p.schemas = s.Path(dir)
	}
	if t.traits().UsesAPI {
		p.api = practice.API{URL: set.api.url, Key: set.api.key}
	}
	if err = p.open(ctx); err == nil {
		t.process = p
		t.wire, err = wire.ParseTarget(p.url)
	}
	if err != nil {
		p.close()
		return nil, lang.Errorf("el receptor de práctica no arrancó: %s", "the practice receiver did not start: %s", err)
	}
	return p.close, nil
}
