package practice

import (
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// redirectFlaws send the delivery elsewhere; Kometia does not follow.
func redirectFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "redirect-slash",
				Title: lang.Text{ES: "redirige 301 a la misma ruta con diagonal al final", EN: "redirects 301 to the same path with a slash at its end"},
				Fails: []string{"KOM-ACK-002"},
			},
			// Behind the redirect it is good: that is what makes this one hard
			// to see in a browser.
			paths: []string{webhookPath + "/"},
			wrap: refusing(redirect(http.StatusMovedPermanently, webhookPath+"/"),
				func(_ *Receiver, d *delivery) bool { return d.request.URL.Path == webhookPath }),
		},
		{
			Flaw: Flaw{
				Name:  "login",
				Title: lang.Text{ES: "redirige 302 a la página de inicio de sesión", EN: "redirects 302 to the login page"},
				Fails: []string{"KOM-ACK-002"},
			},
			wrap: instead(redirect(http.StatusFound, "/login")),
		},
	}
}

func redirect(status int, location string) answer {
	return answer{
		status:  status,
		header:  map[string]string{"Location": location, "Content-Type": "text/html; charset=UTF-8"},
		body:    "<!DOCTYPE html>\n<html><head><title>Redirecting to " + location + "</title></head><body></body></html>\n",
		verdict: flawed,
	}
}
