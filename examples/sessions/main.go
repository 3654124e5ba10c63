// Sessions is a small shop on chi: customers log in, look at products, and put
// them into the basket of their session. With -ttl 0, the default, no session ever
// ends: each login stays in memory for as long as the process lives.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

const cookie = "session"

func main() {
	address := flag.String("addr", "127.0.0.1:8080", "where to listen")
	ttl := flag.Duration("ttl", 0, "how long a session lives without a request; 0 is for ever")
	flag.Parse()

	store := NewStore(*ttl)
	go store.Sweep()
	server := http.Server{Addr: *address, Handler: routes(store), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

func routes(store *Store) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Mount("/debug", middleware.Profiler()) // net/http/pprof, for leaklab to read
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/products/{id}", product)
	r.Post("/login", func(w http.ResponseWriter, r *http.Request) { login(store, w, r) })
	r.Post("/basket/{id}", func(w http.ResponseWriter, r *http.Request) { basket(store, w, r) })
	return r
}

func product(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(map[string]string{"id": chi.URLParam(r, "id"), "name": "Teapot"})
}

// login starts a session.
func login(store *Store, w http.ResponseWriter, r *http.Request) {
	var form struct{ User string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&form); err != nil || form.User == "" {
		http.Error(w, "want a user", http.StatusBadRequest)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: store.Create(form.User), HttpOnly: true})
	w.WriteHeader(http.StatusNoContent)
}

// basket puts a product into the basket of the request's session.
func basket(store *Store, w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(cookie)
	if err != nil {
		http.Error(w, "log in first", http.StatusUnauthorized)
		return
	}
	user, products, ok := store.Add(c.Value, chi.URLParam(r, "id"))
	if !ok {
		http.Error(w, "log in again", http.StatusUnauthorized)
		return
	}
	fmt.Fprintf(w, "%s has %d products\n", user, products)
}
