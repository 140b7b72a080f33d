package signon

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"mijuan/internal/problem"
)

// Errand is what a browser that was sent to the provider must bring back, and what only we know. Keep it on the server, for the one
// browser, and take it once.
type Errand struct{ State, Nonce, Verifier string }

// Identity is who has logged in at the provider.
type Identity struct {
	Issuer, Subject string
	Factor          string // the value of amr or acr that tells of a second factor; empty: none that is enough here
}

// longestSubject is in bytes (OpenID Connect Core, 2).
const longestSubject = 255

// Depart begins an errand and gives the address to which the browser goes. With anew the provider is to ask who it is even if it
// knows already: for linking, where whoever sat there before must not be taken.
func (o *OIDC) Depart(ctx context.Context, anew bool) (e Errand, address string, err error) {
	k, err := o.ask(ctx)
	if err != nil {
		return e, "", err
	}
	e = Errand{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier)}
	if anew {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return e, k.settings.AuthCodeURL(e.State, options...), nil
}

// Return is who has logged in, by what the browser brought back from an errand. What cannot be believed is problem.Unauthenticated,
// with the cause for the operator.
func (o *OIDC) Return(ctx context.Context, e Errand, brought url.Values) (id Identity, err error) {
	k, err := o.ask(ctx)
	if err != nil {
		return id, err
	}
	if err := o.received(k, e, brought); err != nil {
		return id, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, o.client), patience)
	defer cancel()
	token, err := k.settings.Exchange(ctx, brought.Get("code"), oauth2.VerifierOption(e.Verifier))
	var told *oauth2.RetrieveError
	switch {
	case errors.As(err, &told) && told.ErrorCode == "invalid_grant": // used before, too old, or another errand's
		return id, o.unbelieved(err)
	case err != nil:
		return id, o.away(err)
	}
	raw, _ := token.Extra("id_token").(string)
	return o.believed(ctx, k, e, raw)
}

// received checks what the browser brought before the provider is asked about it.
func (o *OIDC) received(k *known, e Errand, brought url.Values) error {
	issuer, failure := brought.Get("iss"), brought.Get("error")
	switch {
	case e.State == "" || subtle.ConstantTimeCompare([]byte(brought.Get("state")), []byte(e.State)) != 1:
		return o.unbelieved(errors.New("the state is another errand's"))
	case issuer != o.set.Issuer && (issuer != "" || k.says):
		return o.unbelieved(fmt.Errorf("the answer is of %q", issuer))
	case failure == "access_denied":
		return problem.New(problem.Unauthenticated, "没有完成%s", o.set.Name)
	case failure != "":
		return o.away(fmt.Errorf("the provider says %q: %q", failure, brought.Get("error_description")))
	case brought.Get("code") == "":
		return o.unbelieved(errors.New("there is no code"))
	}
	return nil
}

// believed reads the token, if it is the provider's, for us, for this errand, and of now.
func (o *OIDC) believed(ctx context.Context, k *known, e Errand, raw string) (id Identity, err error) {
	t, err := k.Verifier(&oidc.Config{ClientID: o.set.Client, Now: o.set.Now}).Verify(ctx, raw)
	if err != nil {
		return id, o.unbelieved(err)
	}
	var says struct {
		Party   string   `json:"azp"`
		Methods []string `json:"amr"`
		Class   string   `json:"acr"`
	}
	if err := t.Claims(&says); err != nil {
		return id, o.unbelieved(err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(e.Nonce)) != 1:
		return id, o.unbelieved(errors.New("the nonce is another errand's"))
	case says.Party != o.set.Client && (says.Party != "" || len(t.Audience) > 1):
		return id, o.unbelieved(fmt.Errorf("the token is for %q", says.Party))
	case t.Subject == "" || len(t.Subject) > longestSubject:
		return id, o.unbelieved(errors.New("the subject is empty or too long"))
	}
	id = Identity{Issuer: t.Issuer, Subject: t.Subject}
	for _, f := range o.set.Factors {
		if f == says.Class || slices.Contains(says.Methods, f) {
			id.Factor = f
			break
		}
	}
	return id, nil
}

// unbelieved is what callers are told of an answer that is not taken.
func (o *OIDC) unbelieved(cause error) error {
	return problem.New(problem.Unauthenticated, "%s的答复没有通过核对，请再试一次；一直这样，请告诉系统管理员", o.set.Name).Because(fmt.Errorf("believe %s: %w", o.set.Issuer, cause))
}
