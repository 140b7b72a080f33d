package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/api"
	"mijuan/internal/directory/scim"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/reply"
	"mijuan/internal/server"
	"mijuan/internal/web"
)

const defaultListen = "127.0.0.1:8443"

func runServe(ctx context.Context, t terminal, args []string) error {
	p := newPlace(t, "serve")
	listen := p.fs.String("listen", defaultListen, "`address` to answer on")
	host := p.fs.String("host", "", "`name` by which browsers reach the firm, with :port if it is not 443; default: the listen address")
	firm := p.fs.String("firm", "", "give the firm this `name` from now on")
	proxy := p.fs.Bool("behind-proxy", false, "take the caller's address from X-Forwarded-For; only behind a proxy that sets it")
	if err := p.parse(args, 0); err != nil {
		return err
	}
	s, err := p.settings()
	if err != nil {
		return err
	}
	s.SecondFactor = true
	if s.Hosts, s.Port, err = hosts(*listen, *host); err != nil {
		return err
	}
	h, err := house.Open(ctx, s)
	if err != nil {
		return err
	}
	defer h.Close()
	if *firm != "" {
		if err := h.SetName(ctx, *firm); err != nil {
			return err
		}
	}
	return answer(ctx, t, h, *listen, *proxy)
}

// hosts are the names under which the firm is reached, the public one first, and the port of the address in the browser: the one that
// stands with the public name, or, without such a name, the one that is listened on.
func hosts(listen, public string) (_ []string, port string, err error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, "", errUsage
	}
	if public != "" {
		if name, at, err := net.SplitHostPort(public); err == nil {
			public, port = name, at
		} else {
			port = ""
		}
	}
	var names []string
	for _, n := range []string{public, host, "localhost", "127.0.0.1", "::1"} {
		if n != "" && n != "0.0.0.0" && n != "::" {
			names = append(names, n)
		}
	}
	return names, port, nil
}

// answer serves the house until ctx ends.
func answer(ctx context.Context, t terminal, h *house.House, listen string, proxy bool) error {
	cert, err := server.Certificate(filepath.Join(h.Settings.Data, "tls"), h.Settings.Hosts, time.Now())
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", listen, err)
	}
	chores, stop := context.WithCancel(ctx)
	defer stop()
	go housekeeping(chores, h)
	go h.AttendWitnesses(chores)
	go h.WatchPassages(chores)
	go h.WatchOutput(chores)
	go h.SendNotices(chores)
	go h.WatchLedger(chores)
	fmt.Fprintf(t.out, "listening on https://%s\n", l.Addr())
	return server.Serve(ctx, l, cert, Faces(h, clientAddress(proxy)), 10*time.Second)
}

// Faces mounts the pages, the API and the ledger's public tiles beside each other.
func Faces(h *house.House, address func(*http.Request) string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Prefix+"/", api.New(api.Parts{Directory: h.Directory, Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Carriers: h.Carriers, Dangers: h.Dangers, Devices: h.Devices, Approvals: h.Approvals, Output: h.Output, Media: h.Media, Retention: h.Retention, Viewing: h.Viewing, Pledges: h.Pledges, Criteria: h.Criteria, Leaving: h.Leaving, Rights: h.Rights, Measures: h.Measures,
		Training: h.Training, Audit: h.Audit, Version: Version, ClientIP: address}))
	mux.Handle(scim.Prefix+"/", scim.New(scim.Parts{Door: h.Door, People: h.People, Directory: h.Directory, ClientIP: address}))
	mux.Handle("/ledger/log/", http.StripPrefix("/ledger/log", h.Ledger.Handler(h.DB, entriesForAuditor(h, address))))
	mux.Handle("/", web.New(web.Parts{Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Approvals: h.Approvals, Labels: h.Labels, Carriers: h.Carriers, Knowers: h.Knowers, Incidents: h.Incidents, Dangers: h.Dangers, Stock: h.Stock, Meetings: h.Meetings, Notices: h.Notices, Output: h.Output, Retention: h.Retention, Devices: h.Devices, Media: h.Media, TeamReviews: h.TeamReviews, Viewing: h.Viewing, Training: h.Training, Pledges: h.Pledges, Criteria: h.Criteria, Leaving: h.Leaving, Rights: h.Rights, Measures: h.Measures, Duty: h.Duty, Directory: h.Directory, Provider: h.Provider, Hand: h.Hand, Audit: h.Audit,
		Ledger: h.Ledger, Firm: h.Name, RuleFiles: house.RuleFiles(h.Settings.Data), Version: Version, ClientIP: address, Demo: !h.Settings.SecondFactor}))
	return mux
}

// entriesForAuditor admits bearers of a token that may read the whole ledger to its entry bundles. Hash tiles and checkpoints tell
// nothing and are public, which is all that witnesses need; entries tell which matters and materials there are, when they are worked
// on and by whom, which is not for everybody to know (docs/decisions/0010).
func entriesForAuditor(h *house.House, address func(*http.Request) string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		who, err := h.People.AuthenticateToken(r.Context(), token, address(r))
		if err == nil {
			err = h.Door.Do(r.Context(), who, access.ReadLedger, guard.Thing{Kind: access.Ledger, ID: "ledger"}, func(*guard.Grant) error { return nil })
		}
		if err != nil {
			reply.Write(w, err)
		}
		return err == nil
	}
}

// clientAddress tells the caller's address: the connection's, or what a trusted proxy says.
func clientAddress(proxy bool) func(*http.Request) string {
	return func(r *http.Request) string {
		if proxy {
			chain := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
			if last := strings.TrimSpace(chain[len(chain)-1]); last != "" {
				return last
			}
		}
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			return ""
		}
		return host
	}
}

// housekeeping removes what was left behind, drafts incidents of what is long overdue and opens the review of teams that is due, at the start and every hour.
func housekeeping(ctx context.Context, h *house.House) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if n, err := h.Shelf.Sweep(ctx, h.DB); err != nil && ctx.Err() == nil {
			slog.Error("sweep", "error", err)
		} else if n > 0 {
			slog.Info("sweep", "removed", n)
		}
		if n, err := h.Escalate(ctx); err != nil && ctx.Err() == nil {
			slog.Error("draft incidents", "error", err)
		} else if n > 0 {
			slog.Info("draft incidents", "drafts", n)
		}
		if n, err := h.ReviewTeams(ctx); err != nil && ctx.Err() == nil {
			slog.Error("open team review", "error", err)
		} else if n > 0 {
			slog.Info("open team review", "places", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
