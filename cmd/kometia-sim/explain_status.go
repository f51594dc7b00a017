package main

import (
	"strconv"

	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// status writes what a response of that status means to Kometia and what it may
// come from; false when id is no status.
func (p *page) status(id string) bool {
	status, err := strconv.Atoi(id)
	if err != nil || status < 200 || status > 599 {
		return false
	}
	meaning := p.c.T("no recibido: Kometia reintenta cada hora durante 2 días", "not received: Kometia retries every hour for 2 days")
	if status < 300 {
		meaning = p.c.T("recibido: Kometia no lo envía más, aunque detrás haya fallado algo", "received: Kometia does not send it again, even if something failed behind it")
	}
	p.Title(id, meaning)
	for _, code := range diagnose.Builtin().CodesOf(status) {
		if e, ok := diagnose.Builtin().Entry(code); ok {
			p.Paragraph(code+": "+e.Title.In(p.c.Lang), e.HintFor("").In(p.c.Lang))
		}
	}
	p.words("Saber cuál es", "Find out which", "kometia-sim send order.created --to URL\nkometia-sim explain CODE")
	return true
}
