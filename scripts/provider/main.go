// Command provider is an OpenID provider for tests: the one of zitadel/oidc's example over TLS, with the clients, people and times
// that it is given. It is a module of its own, so that the product depends on nothing of it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// settings come as JSON in the file that is the only argument.
type settings struct {
	Issuer, Listen, Cert, Key string
	Client, Secret            string
	Back, Left                string // where the browser goes after logging in and out
	Users                     string // file of the example's users
	Lifetime                  time.Duration
}

// firm is the example's storage with clients that may come back from logging out, and tokens of a given lifetime.
type firm struct {
	*storage.Storage
	set settings
}

// GetClientByClientID gives the client with what the settings say of it.
func (f firm) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := f.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c, f.set}, nil
}

type client struct {
	op.Client
	set settings
}

// PostLogoutRedirectURIs is where the browser may go after logging out.
func (c client) PostLogoutRedirectURIs() []string { return []string{c.set.Left} }

// IDTokenLifetime is how long a token says that it holds.
func (c client) IDTokenLifetime() time.Duration { return c.set.Lifetime }

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	var s settings
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	users, err := storage.StoreFromFile(s.Users)
	if err != nil {
		return err
	}
	storage.RegisterClients(storage.WebClient(s.Client, s.Secret, s.Back))
	router := exampleop.SetupServer(s.Issuer, firm{storage.NewStorage(users), s}, slog.New(slog.DiscardHandler), false)
	return http.ListenAndServeTLS(s.Listen, s.Cert, s.Key, router)
}
