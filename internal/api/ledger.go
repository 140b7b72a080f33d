package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/server"
)

type lineBody struct {
	Seq       uint64         `json:"seq"`
	MatterSeq uint64         `json:"matter_seq,omitempty"`
	At        time.Time      `json:"at"`
	Actor     string         `json:"actor" doc:"A person's id, or system"`
	Name      string         `json:"name,omitempty"`
	Act       string         `json:"act"`
	Kind      string         `json:"kind"`
	Thing     string         `json:"thing"`
	Number    string         `json:"number,omitempty" doc:"The thing's number or name"`
	Matter    string         `json:"matter,omitempty" doc:"The matter's number"`
	Outcome   string         `json:"outcome"`
	Clauses   []string       `json:"clauses,omitempty"`
	Rules     string         `json:"rules"`
	Notes     map[string]any `json:"notes,omitempty"`
}

type lines struct {
	Items  []lineBody `json:"items"`
	Before uint64     `json:"before,omitempty" doc:"Ask with this to go on to older entries; absent at the end"`
}

type LedgerQuery struct {
	Before uint64 `query:"before" doc:"Only entries with a smaller number"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (f *face) registerLedger(api huma.API) {
	register(api, operation("material-history", http.MethodGet, "/materials/{material}/history", "What was done to a material", "ledger"), f.history)
	register(api, operation("matter-ledger", http.MethodGet, "/matters/{matter}/ledger", "What was done in a matter", "ledger"), f.matterLedger)
	register(api, operation("person-acts", http.MethodGet, "/persons/{person}/acts", "What a person did and was refused", "ledger"), f.acts)
	register(api, operation("read-ledger", http.MethodGet, "/ledger", "The whole ledger, for the auditor", "ledger"), f.ledger)
	registerFor(api, operation("verify-ledger", http.MethodPost, "/ledger/verification", "Recompute the whole ledger", "ledger"), longTimeout, f.verify)
	export := operation("export-ledger", http.MethodPost, "/ledger/export", "The whole ledger as files, for mijuan verify", "ledger")
	export.Responses = binary("application/zip")
	registerFor(api, export, server.Stream, f.exportLedger)
	register(api, operation("list-clauses", http.MethodGet, "/rules/clauses", "The firm's clauses and how each is enforced", "rules"), f.clauses)
}

func (q LedgerQuery) filter() audit.Filter { return audit.Filter{Before: q.Before, Limit: q.Limit} }

func (f *face) read(ctx context.Context, who guard.Who, act access.Act, thing guard.Thing, filter audit.Filter,
	read func(*guard.Grant, audit.Filter) (audit.Page, error)) (*body[lines], error) {
	found, err := do(ctx, f.Door, who, act, thing, func(g *guard.Grant) (audit.Page, error) { return read(g, filter) })
	out := lines{Items: []lineBody{}}
	for _, l := range found.Lines {
		out.Items = append(out.Items, lineBody{Seq: l.Seq, MatterSeq: l.MatterSeq, At: l.At, Actor: l.ActorID, Name: l.Actor, Act: string(l.Act),
			Kind: string(l.Kind), Thing: l.ThingID, Number: l.Thing, Matter: l.Matter, Outcome: l.Outcome.String(), Clauses: l.Clauses, Rules: l.Rules, Notes: l.Notes})
		if found.More {
			out.Before = l.Seq
		}
	}
	return &body[lines]{out}, err
}

func (f *face) history(ctx context.Context, who guard.Who, in *struct {
	MaterialPath
	LedgerQuery
}) (*body[lines], error) {
	return f.read(ctx, who, access.ReadHistory, materialThing(in.Material), in.filter(), f.Audit.History)
}

func (f *face) matterLedger(ctx context.Context, who guard.Who, in *struct {
	MatterPath
	LedgerQuery
}) (*body[lines], error) {
	return f.read(ctx, who, access.ReadMatterLedger, matterThing(in.Matter), in.filter(), f.Audit.Matter)
}

func (f *face) acts(ctx context.Context, who guard.Who, in *struct {
	Person string `path:"person" maxLength:"64"`
	LedgerQuery
}) (*body[lines], error) {
	return f.read(ctx, who, access.ReadPersonActs, guard.Thing{Kind: access.Person, ID: in.Person}, in.filter(), f.Audit.Person)
}

func (f *face) ledger(ctx context.Context, who guard.Who, in *LedgerQuery) (*body[lines], error) {
	return f.read(ctx, who, access.ReadLedger, guard.Thing{Kind: access.Ledger, ID: "ledger"}, in.filter(), f.Audit.All)
}

type verification struct {
	Size  uint64 `json:"size" doc:"Entries looked at"`
	OK    bool   `json:"ok"`
	Seq   uint64 `json:"seq,omitempty" doc:"The first wrong entry"`
	Bad   uint64 `json:"bad,omitempty" doc:"How many entries are missing or wrong by themselves"`
	Cause string `json:"cause,omitempty"`
}

func (f *face) verify(ctx context.Context, who guard.Who, _ *struct{}) (*body[verification], error) {
	report, err := f.Audit.Verify(ctx, who)
	if err != nil {
		return nil, err
	}
	out := verification{Size: report.Size, OK: report.Wrong == nil}
	if report.Wrong != nil {
		out.Seq, out.Bad, out.Cause = report.Wrong.Seq, report.Bad, report.Wrong.Problem.Public()
	}
	return &body[verification]{out}, nil
}

// exportLedger streams, once it is sure that it may.
func (f *face) exportLedger(ctx context.Context, who guard.Who, _ *struct{}) (*huma.StreamResponse, error) {
	thing := guard.Thing{Kind: access.Ledger, ID: "ledger"}
	can, err := f.Door.Can(ctx, who, thing, access.ExportLedger)
	if err != nil || can[access.ExportLedger].Outcome != access.Permit {
		return nil, f.Door.Do(ctx, who, access.ExportLedger, thing, func(*guard.Grant) error { return errors.Join(err, errors.New("allowed a moment later")) })
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		_, w := humago.Unwrap(h)
		h.SetHeader("Content-Type", "application/zip")
		h.SetHeader("Content-Disposition", `attachment; filename="mijuan-ledger.zip"`)
		if err := f.Audit.Export(h.Context(), who, server.Flowing(w)); err != nil {
			slog.Error("export the ledger", "error", err)
			panic(http.ErrAbortHandler) // the archive is not whole
		}
	}}, nil
}

type clauseBody struct {
	Key      string   `json:"key"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Enforced string   `json:"enforced" doc:"software, partly, organisation or later"`
	Rules    []string `json:"rules"`
}

func (f *face) clauses(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]clauseBody], error) {
	out := []clauseBody{}
	err := f.Door.Do(ctx, who, access.ReadRules, guard.Firm, func(*guard.Grant) error {
		for _, c := range f.Door.Rules().Clauses() {
			out = append(out, clauseBody{Key: c.Key, Title: c.Title.ZH, Text: c.Text.ZH, Enforced: string(c.Enforced), Rules: ruleIDs(c.Policies)})
		}
		return nil
	})
	return &body[[]clauseBody]{out}, err
}

func ruleIDs(policies []access.Policy) []string {
	ids := []string{}
	for _, p := range policies {
		ids = append(ids, p.ID)
	}
	return ids
}
