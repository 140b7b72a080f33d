package signon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"mijuan/internal/problem"
)

// OIDCSettings say which provider it is and what is believed of it.
type OIDCSettings struct {
	Issuer  string // https://…, as it stands in its tokens
	CA      []byte // PEM of the authorities that its certificate may come from; empty: the system's
	Client  string // the program's name there
	Secret  Secret
	Name    string           // what people call it; empty: 统一登录
	Factors []string         // values of amr or acr (RFC 8176) by which the provider tells of a second factor that is enough here; none: none is
	Back    string           // https:// address to which browsers come back
	Left    string           // https:// address to which they come after logging out there
	Now     func() time.Time // nil: time.Now
}

// UsualName is what the provider is called where nobody says otherwise.
const UsualName = "统一登录"

// OIDC is the firm's OpenID provider. It is safe for concurrent use. What the provider says of itself is asked for when it is first
// needed, and kept.
type OIDC struct {
	set    OIDCSettings
	client *http.Client
	turn   chan struct{} // held while the provider is asked about itself
	known  *known        // held by turn
}

// known is what the provider says of itself.
type known struct {
	*oidc.Provider
	style    oauth2.AuthStyle
	leaving  string // its address to log out; empty: none
	says     bool   // it names itself when it sends browsers back (RFC 9207)
	settings oauth2.Config
}

// NewOIDC checks the settings; it does not ask the provider.
func NewOIDC(s OIDCSettings) (*OIDC, error) {
	u, err := url.Parse(s.Issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, problem.New(problem.Invalid, "统一登录的地址（issuer）应当形如 https://主机/路径：%s", s.Issuer)
	}
	if s.Client == "" || s.Secret == "" {
		return nil, problem.New(problem.Invalid, "统一登录需要客户端名称和密钥文件")
	}
	if s.Name == "" {
		s.Name = UsualName
	}
	safe, err := trust("", s.CA)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = safe
	client := &http.Client{Transport: frugal{transport}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &OIDC{set: s, client: client, turn: make(chan struct{}, 1)}, nil
}

// frugal is a transport that takes no more of an answer than any honest one is long.
type frugal struct{ http.RoundTripper }

const longestAnswer = 1 << 20

// RoundTrip puts one question.
func (f frugal) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s is no https address", r.URL.Redacted())
	}
	answer, err := f.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, longestAnswer), answer.Body}
	}
	return answer, err
}

// Name is what people call the provider.
func (o *OIDC) Name() string { return o.set.Name }

// Issuer is the provider's name for itself.
func (o *OIDC) Issuer() string { return o.set.Issuer }

// Answers asks whether the provider is there and is the one that it should be.
func (o *OIDC) Answers(ctx context.Context) error {
	_, err := o.ask(ctx)
	return err
}

// ask gives what the provider says of itself.
func (o *OIDC) ask(ctx context.Context) (*known, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, o.away(errors.Join(errBusy, ctx.Err()))
	}
	if o.known != nil {
		return o.known, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, o.client), o.set.Issuer)
	if err != nil {
		return nil, o.away(err)
	}
	k := &known{Provider: p}
	if err := k.read(); err != nil {
		return nil, o.away(err)
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = k.style
	k.settings = oauth2.Config{ClientID: o.set.Client, ClientSecret: string(o.set.Secret), Endpoint: endpoint, RedirectURL: o.set.Back, Scopes: []string{oidc.ScopeOpenID}}
	o.known = k
	return k, nil
}

// read takes from what the provider says of itself what the library does not.
func (k *known) read() error {
	var says struct {
		Keys    string   `json:"jwks_uri"`
		Leaving string   `json:"end_session_endpoint"`
		Proofs  []string `json:"token_endpoint_auth_methods_supported"`
		Issuer  bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := k.Claims(&says); err != nil {
		return err
	}
	for _, address := range []string{k.Endpoint().AuthURL, k.Endpoint().TokenURL, says.Keys} {
		if !strings.HasPrefix(address, "https://") {
			return fmt.Errorf("the provider names %q, which is no https address", address)
		}
	}
	if strings.HasPrefix(says.Leaving, "https://") {
		k.leaving = says.Leaving
	}
	k.says = says.Issuer
	switch {
	case len(says.Proofs) == 0, slices.Contains(says.Proofs, "client_secret_basic"):
		k.style = oauth2.AuthStyleInHeader
	case slices.Contains(says.Proofs, "client_secret_post"):
		k.style = oauth2.AuthStyleInParams
	default:
		return fmt.Errorf("the provider takes no secret, but %q", says.Proofs)
	}
	return nil
}

// Leave is the provider's own address to log out; empty where it has none or is away.
func (o *OIDC) Leave(ctx context.Context) string {
	k, err := o.ask(ctx)
	if err != nil || k.leaving == "" {
		return ""
	}
	u, err := url.Parse(k.leaving)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", o.set.Client)
	q.Set("post_logout_redirect_uri", o.set.Left)
	u.RawQuery = q.Encode()
	return u.String()
}

// away is what callers are told of a provider that gives no answer that can be relied on.
func (o *OIDC) away(err error) error {
	return problem.New(problem.Unavailable, "%s暂时不可用，请稍后再试", o.set.Name).Because(fmt.Errorf("ask %s: %w", o.set.Issuer, err))
}
