package fuzz

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// fewestCases is what a hunt has to have the time to send beside what it begins
// with.
const fewestCases = 20

// timeToSend is the error of a hunt whose time is up before it has sent anything
// out of the ordinary: at its pace, one normal event of each kind and the lessons
// of what is kept take longer.
func timeToSend(rec *receiver.Receiver, cfg *Config) error {
	spacing := rec.Pace().Spacing()
	if spacing == 0 || cfg.Time <= 0 {
		return nil
	}
	kinds := len(cfg.Generator.Kinds)
	if kinds == 0 {
		kinds = len(catalogueOf(&cfg.Generator).Kinds())
	}
	each := 1
	if rec.Effects() != nil {
		each += lessons
	}
	need := time.Duration(kinds*each+fewestCases) * spacing
	if need <= cfg.Time {
		return nil
	}
	return lang.Errorf(
		"fuzz: en %s no hay tiempo de enviar nada: a este ritmo (una petición cada %s) un evento normal de cada tipo (%d) y %d casos llevan %s; dé --time %s, un --pace más rápido o menos tipos (kometia-sim fuzz order.placed)",
		"fuzz: %s is no time to send anything: at this pace (one request every %s) a normal event of each kind (%d) and %d cases take %s; give --time %s, a faster --pace or fewer kinds (kometia-sim fuzz order.placed)",
		cfg.Time, spacing, kinds, fewestCases, need.Round(time.Second), need.Round(time.Second)+time.Second)
}
