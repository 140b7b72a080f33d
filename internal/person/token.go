package person

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Limits of API tokens.
const (
	longestToken    = 366 * 24 * time.Hour
	maxTokens       = 50
	touchTokenAfter = time.Minute
)

// Token is a person's leave for a program to act in the person's name, narrowed to some acts. What it may do is decided by
// the person's own facts at each act, so that it never exceeds its person.
type Token struct {
	ID      string
	Name    string
	Scopes  []access.Act
	Strong  bool // made in a session in which a second factor was shown
	Created time.Time
	Expires time.Time
	Revoked time.Time // zero: live, if not expired
	Used    time.Time // to a minute; zero: never
}

// NewToken is what a person asks for.
type NewToken struct {
	Name   string
	Scopes []access.Act  // see Scopes
	For    time.Duration // up to 366 days; zero: 90 days
}

// inPerson are the acts that no token may be given: they are done by the person, with what only the person has or knows, or are not
// offered by the API.
var inPerson = []access.Act{
	access.Appoint, access.DecideApproval, access.LiftHold, access.ArrangeMeeting,
	access.ManageOwnAccount, access.Study, access.SignPledge, access.WriteOffLeaving, access.WitnessLeaving, access.ReadOpened, access.SecondReset, access.RemindLeaver, access.ReadDevices,
	access.OpenTeamReview, access.Delegate, access.DecideRights, access.TakeStock, access.ReadStock, access.ManageMedia, access.RateMedium,
	access.CheckMedium, access.PrepareExport, access.ViewExport, access.ScanExport, access.ExportToMedium, access.FetchExport, access.RecallCarrier,
	access.TakeBackCarrier, access.LendOutside, access.SendCarrier, access.ReadOverdue, access.ExplainGap, access.TakeOut, access.CheckBack, access.ReadIncidents,
	access.ViewIncident, access.SettleIncident, access.CollectOutput, access.OperateOutput, access.ReadRights, access.ReadTeamReviews, access.ReviewTeam,
	access.ManageDevices, access.ClearDevice, access.SetPledge, access.SetCriteria, access.CloseMatter, access.SetKeeping, access.SetPeriods, access.RestrictMaterial,
	access.ShredWaste, access.RequestDestruction, access.ViewDestruction, access.AppraiseDestruction, access.ArrangeDestruction,
	access.WithdrawDestruction, access.WitnessDestruction, access.Destroy,
}

// Scopes are the acts that a token may be given: all but those done in person.
func Scopes() []access.Act {
	return slices.DeleteFunc(slices.Clone(access.Acts), func(a access.Act) bool { return slices.Contains(inPerson, a) })
}

var errToken = problem.New(problem.Unauthenticated, "接口令牌无效、已过期或已撤销")

// AuthenticateToken finds the caller of the API by a bearer token. A token that is revoked or expired, or whose person is not
// active, is problem.Unauthenticated.
func (g *Gate) AuthenticateToken(ctx context.Context, token, addr string) (guard.Who, error) {
	if !wellFormedToken(token) {
		return guard.Who{}, errToken
	}
	who := guard.Who{Via: guard.API, Addr: addr, Narrowed: true}
	var now time.Time
	var expires, revoked, used int64
	var status Status
	var scopes string
	err := g.db.Read(ctx, func(tx *store.Tx) error {
		now = tx.Now
		_, err := store.Get(tx, func(row store.Row) (struct{}, error) {
			return struct{}{}, row.Scan(&who.Session, &who.Person, &scopes, &who.Strong, &expires, &revoked, &used, &status)
		}, `SELECT t.id, t.person, t.scopes, t.strong, t.expires, t.revoked, t.used, p.status FROM api_token t JOIN person p ON p.id = t.person
			WHERE t.hash = $1`, hashOf("token", token))
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return guard.Who{}, errToken
	}
	if err != nil {
		return guard.Who{}, err
	}
	if revoked != 0 || now.UnixMilli() >= expires || status != Active {
		return guard.Who{}, errToken
	}
	who.Scopes = slices.DeleteFunc(splitScopes(scopes), func(a access.Act) bool { return slices.Contains(inPerson, a) }) // of an older program
	if now.UnixMilli()-used < touchTokenAfter.Milliseconds() {
		return who, nil
	}
	return who, g.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE api_token SET used = $2 WHERE id = $1 AND used < $2`, who.Session, tx.Now.UnixMilli())
		return err
	})
}

func splitScopes(text string) (scopes []access.Act) {
	for s := range strings.SplitSeq(text, ",") {
		scopes = append(scopes, access.Act(s))
	}
	return scopes
}

// CreateToken makes a token of the caller and gives its secret, which is shown once.
func (c *Accounts) CreateToken(g *guard.Grant, n NewToken) (t Token, secret string, err error) {
	tx, person := g.Tx(access.ManageOwnAccount), g.Only(access.Person)
	if t, err = n.check(tx.Now); err != nil {
		return t, "", err
	}
	live, err := count(tx, `SELECT COUNT(*) FROM api_token WHERE person = $1 AND revoked = 0 AND expires > $2`, person, tx.Now.UnixMilli())
	if err != nil {
		return t, "", err
	}
	if live >= maxTokens {
		return t, "", problem.New(problem.Conflict, "最多可以有 %d 个有效令牌，请先撤销不用的", maxTokens)
	}
	t.ID, t.Strong, secret = tx.NewID(), g.Who().Strong, newToken()
	names := make([]string, len(t.Scopes))
	for i, s := range t.Scopes {
		names[i] = string(s)
	}
	_, err = tx.Exec(`INSERT INTO api_token (id, hash, person, sealed_name, scopes, strong, created, expires, revoked, used)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)`, t.ID, hashOf("token", secret), person, c.seal.token.SealText(t.ID, t.Name),
		strings.Join(names, ","), flag(t.Strong), t.Created.UnixMilli(), t.Expires.UnixMilli())
	g.Note("token", t.ID)
	g.Note("scopes", names)
	return t, secret, err
}

func (n NewToken) check(now time.Time) (t Token, err error) {
	if n.For == 0 {
		n.For = 90 * 24 * time.Hour
	}
	if t.Name, err = line("name", "名称", n.Name, 60, true); err != nil {
		return t, err
	}
	if len(n.Scopes) == 0 {
		return t, problem.New(problem.Invalid, "请至少选择一项授权").In("scopes")
	}
	for _, s := range access.Acts { // in their order, each once
		if slices.Contains(n.Scopes, s) {
			t.Scopes = append(t.Scopes, s)
		}
	}
	for _, s := range n.Scopes {
		if !slices.Contains(Scopes(), s) {
			return t, problem.New(problem.Invalid, "不能授权给令牌：%s", s).In("scopes")
		}
	}
	if n.For < 0 || n.For > longestToken {
		return t, problem.New(problem.Invalid, "令牌的有效期最长一年").In("expires")
	}
	t.Created, t.Expires = now, now.Add(n.For)
	return t, nil
}

// RevokeToken ends a token of the person that the grant is for.
func (c *Accounts) RevokeToken(g *guard.Grant, id string) error {
	tx, person := g.Tx(access.ManageOwnAccount, access.Appoint), g.Only(access.Person)
	g.Note("token", id)
	n, err := tx.Exec(`UPDATE api_token SET revoked = $3 WHERE id = $1 AND person = $2 AND revoked = 0`, id, person, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这个令牌已经撤销，或者不存在")
	}
	return err
}

func endTokens(tx *store.Tx, person string) (int64, error) {
	return tx.Exec(`UPDATE api_token SET revoked = $2 WHERE person = $1 AND revoked = 0`, person, tx.Now.UnixMilli())
}

// tokens lists a person's tokens that are not revoked, newest first.
func (r *records) tokens(tx *store.Tx, person string) ([]Token, error) {
	return store.List(tx, func(row store.Row) (t Token, err error) {
		var name []byte
		var scopes string
		var created, expires, revoked, used int64
		if err := row.Scan(&t.ID, &name, &scopes, &t.Strong, &created, &expires, &revoked, &used); err != nil {
			return t, err
		}
		t.Scopes, t.Created, t.Expires, t.Revoked, t.Used = splitScopes(scopes), instant(created), instant(expires), instant(revoked), instant(used)
		t.Name, err = r.seal.token.OpenText(t.ID, name)
		return t, err
	}, `SELECT id, sealed_name, scopes, strong, created, expires, revoked, used FROM api_token WHERE person = $1 AND revoked = 0
		ORDER BY created DESC, id DESC`, person)
}
