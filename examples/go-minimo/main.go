// Command go-minimo is the smallest receiver of Kometia webhooks worth writing in Go: it reads the event, acts
// (here: prints one line) and answers 200, and says 400 to what is no event. It remembers nothing, so a retry acts
// again; see the php-cuidadoso and sinatra-cuidadoso examples for one that does not.
//
//	go run ./examples/go-minimo -listen 127.0.0.1:8080
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"log"
	"net/http"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Parse()

	routes := http.NewServeMux()
	routes.HandleFunc("POST /kometia/webhook", receive)
	server := &http.Server{Addr: *listen, Handler: routes, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func receive(w http.ResponseWriter, r *http.Request) {
	var event struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<20)).Decode(&event)
	if err != nil || event.ID == "" || event.Kind == "" {
		http.Error(w, "no es un evento de Kometia", http.StatusBadRequest)
		return
	}
	log.Printf("efecto %s %s", event.ID, event.Kind)
	w.WriteHeader(http.StatusOK)
}
