package language

import (
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// maxCopies is how many may race: each takes a connection of its own.
const maxCopies = 64

// validateFaults checks what breaks the attempts of a delivery.
func (d *Deliver) validateFaults(f *strictyaml.File, at string, class consent.Class) {
	for i, s := range d.Faults {
		at := fmt.Sprintf("%s.faults[%d]", at, i)
		broken, err := fault.Parse(s)
		switch {
		case err != nil:
			f.Fail(at, "%s", "%s", err)
		case broken.Cuts() && class != consent.Malformed:
			f.Fail(at, "%s manda un cuerpo mal formado: dé al escenario `consent: malformed`, para que otra máquina lo reciba solo si su dueño lo permite", "%s sends a malformed body: give the scenario `consent: malformed`, so that another machine gets it only when its owner allows it", broken.Kind)
		case d.Connection == "kept" && breaks(broken):
			f.Fail(at, "%s usa una conexión propia: quite connection: kept", "%s takes a connection of its own: leave out connection: kept", broken.Kind)
		case d.ExpectContinue && breaks(broken):
			f.Fail(at, "%s y expect_continue dicen los dos cómo sale la petición: dé uno de ellos", "%s and expect_continue both say how the request goes out: give one of them", broken.Kind)
		case d.Copies > 0 && i == 0 && breaks(broken):
			f.Fail(at, `los primeros intentos de las copias terminan juntos y no se pueden romper: empiece con "" o lose-answer`, `the first attempts of copies end together and cannot be broken: begin with "" or lose-answer`)
		}
	}
	switch attempts := max(d.Attempts, 1); {
	case len(d.Faults) > attempts:
		f.Fail(at+".faults", "%d fallas para %d intentos: aumente attempts", "%d faults for %d attempts: raise attempts", len(d.Faults), attempts)
	case len(d.Faults) == attempts && !slices.ContainsFunc(d.Faults, func(s string) bool { return s != string(fault.Refuse) }):
		f.Fail(at+".faults", "ninguno de sus %d intentos sale: aumente attempts, para que uno llegue", "none of its %d attempts leaves: raise attempts, so that one gets through", attempts)
	}
}

// breaks reports whether the fault changes how a request goes out, or keeps it
// from going out.
func breaks(f fault.Fault) bool { return f.Kind != fault.None && f.Kind != fault.LoseAnswer }

// validateCopies checks copies, and what cannot go with them or with expect_continue.
func (d *Deliver) validateCopies(f *strictyaml.File, at string) {
	whole(f, at+".copies", d.Copies, maxCopies)
	switch kept := d.Connection == "kept"; {
	case d.Copies == 1:
		f.Fail(at+".copies", "una copia no compite con nadie: dé al menos 2, o quite copies", "one copy races with nobody: give at least 2, or leave copies out")
	case d.Copies > 0 && (d.Parallel > 0 || d.KillAfter > 0):
		f.Fail(at+".copies", "las copias compiten por sí mismas: délas sin parallel ni kill_after", "copies race by themselves: give them without parallel and kill_after")
	case d.Copies > 0 && d.ExpectContinue:
		f.Fail(at+".copies", "copies y expect_continue dicen los dos cuándo sale el cuerpo: dé uno de ellos", "copies and expect_continue both say when the body goes out: give one of them")
	case d.Copies > 0 && kept:
		f.Fail(at+".copies", "cada copia usa una conexión propia: quite connection: kept", "every copy takes a connection of its own: leave out connection: kept")
	case d.ExpectContinue && kept:
		f.Fail(at+".expect_continue", "usa una conexión propia: quite connection: kept", "it takes a connection of its own: leave out connection: kept")
	}
}

// ParsedFaults are the faults of a delivery that has been validated.
func (d *Deliver) ParsedFaults() (out []fault.Fault) {
	for _, s := range d.Faults {
		f, err := fault.Parse(s)
		if err != nil {
			panic(err)
		}
		out = append(out, f)
	}
	return out
}

// hangsUp reports whether the case ends a connection before its answer.
func (c *Case) hangsUp() bool {
	return slices.ContainsFunc(c.Steps, func(st Step) bool {
		return st.Deliver != nil && slices.ContainsFunc(st.Deliver.Faults, func(s string) bool {
			f, err := fault.Parse(s)
			return err == nil && f.Abandons()
		})
	})
}
