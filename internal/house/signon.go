package house

import (
	"net"

	"mijuan/internal/person"
	"mijuan/internal/signon"
)

// askOutside has the log-in ask the firm's own services.
func (h *House) askOutside() (err error) {
	if h.Settings.LDAP != nil {
		d, err := signon.NewLDAP(*h.Settings.LDAP)
		if err != nil {
			return err
		}
		h.People.AskDirectory(person.Directory{Prove: d.Prove, Answers: d.Answers})
	}
	if h.Settings.OIDC != nil && len(h.Settings.Hosts) > 0 { // else no browser comes here
		h.Provider, err = h.Settings.provider()
	}
	return err
}

// provider is the OpenID provider, with the addresses to which browsers come back from it.
func (s Settings) provider() (*signon.OIDC, error) {
	o, at := *s.OIDC, s.origin()
	o.Back, o.Left, o.Now = at+"/login/back", at+"/login", s.Now
	return signon.NewOIDC(o)
}

// browsed is origin, or empty where no browser reaches the firm.
func (s Settings) browsed() string {
	if len(s.Hosts) == 0 {
		return ""
	}
	return s.origin()
}

// origin is the address under which browsers reach the firm.
func (s Settings) origin() string {
	host := s.Hosts[0]
	if s.Port != "" && s.Port != "443" {
		return "https://" + net.JoinHostPort(host, s.Port)
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		host = "[" + host + "]"
	}
	return "https://" + host
}
