package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Stage is how far a session has come.
type Stage uint8

const (
	NeedFactor   Stage = iota + 1 // the password was right; a second factor is to be shown
	NeedSetUp                     // a second factor is to be set up first
	NeedPassword                  // the password is too old; a new one is to be chosen first
	Live                          // in
)

// way is by what a session began.
type way string

const (
	byPassword  way = "password"
	byDirectory way = "directory" // the password, proved by the firm's directory
	byPasskey   way = "passkey"   // alone
	byProvider  way = "provider"  // the firm's OpenID provider
)

// How long the stages before Live last, and other spans of sessions.
const (
	factorFor    = 10 * time.Minute
	setUpFor     = 30 * time.Minute
	touchAfter   = 30 * time.Second    // how exactly a session knows when it was last used
	rememberFor  = 30 * 24 * time.Hour // ended sessions are forgotten after this; the ledger is not
	longestAgent = 300                 // characters of a browser's name
)

// From is where a request comes from.
type From struct {
	Addr  string // without port
	Agent string // the browser's name for itself
}

func (f From) who(person, session string, strong bool) guard.Who {
	return guard.Who{Person: person, Session: session, Via: guard.Web, Addr: f.Addr, Strong: strong}
}

// Session is one log-in of a person, as its owner sees it.
type Session struct {
	ID      string
	Strong  bool // a second factor was shown, or the firm asks for none
	Created time.Time
	Seen    time.Time // last used, to half a minute
	Expires time.Time // at the latest
	Addr    string
	Agent   string
}

var (
	errNobody = problem.New(problem.Unauthenticated, "请先登录")
	errIdle   = problem.New(problem.Unauthenticated, "登录已超时，请重新登录")
)

// session is a session's row.
type session struct {
	id, person             string
	stage                  Stage
	strong                 bool
	way                    way
	seen, expires, revoked int64
	pending                []byte
}

const sessionColumns = `s.id, s.person, s.stage, s.strong, s.way, s.seen, s.expires, s.revoked, s.sealed_pending`

func (s *session) dest() []any {
	return []any{&s.id, &s.person, &s.stage, &s.strong, &s.way, &s.seen, &s.expires, &s.revoked, &s.pending}
}

// over says why a session is not valid any more. One that was used in days to come is of a time when the clock was wrong: it would
// last until they have come.
func (s *session) over(now time.Time, idle time.Duration) error {
	switch at, unused := now.UnixMilli(), idle.Milliseconds(); {
	case s.revoked != 0:
		return errNobody
	case at >= s.expires, s.seen-at >= unused, s.stage == Live && at-s.seen >= unused:
		return errIdle
	}
	return nil
}

// Authenticate finds the caller of a page by the session's cookie, whom it gives with the person. A session that was revoked
// or whose person was suspended ends with the next request on every process; one unused for the idle time, or older than the
// longest, has ended. All of these are problem.Unauthenticated.
func (g *Gate) Authenticate(ctx context.Context, token, addr string) (guard.Who, Person, error) {
	var s session
	var p Person
	var now time.Time
	err := g.db.Read(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now
		p, err = store.Get(tx, func(row store.Row) (Person, error) { return g.scanPerson(tx, row, s.dest()...) },
			`SELECT `+personColumns+`, `+sessionColumns+` FROM session s JOIN person p ON p.id = s.person WHERE s.hash = $1`, hashOf("session", token))
		return err
	})
	switch {
	case errors.Is(err, store.ErrNone):
		return guard.Who{}, Person{}, errNobody
	case err != nil:
		return guard.Who{}, Person{}, err
	case s.stage != Live || p.Status != Active:
		return guard.Who{}, Person{}, errNobody
	}
	if err := s.over(now, g.set.Idle); err != nil {
		return guard.Who{}, Person{}, err
	}
	if err := g.touch(ctx, &s, now); err != nil {
		return guard.Who{}, Person{}, err
	}
	return guard.Who{Person: p.ID, Session: s.id, Via: guard.Web, Addr: addr, Strong: s.strong}, p, nil
}

// touch notes that the session is in use, at most every touchAfter.
func (g *Gate) touch(ctx context.Context, s *session, now time.Time) error {
	if now.UnixMilli()-s.seen < touchAfter.Milliseconds() {
		return nil
	}
	return g.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE session SET seen = $2 WHERE id = $1 AND seen < $3`, s.id, tx.Now.UnixMilli(),
			tx.Now.Add(-touchAfter).UnixMilli()+1)
		return err
	})
}

// session finds a valid session in one of the stages, with its account. Before the first log-in an account is not active yet.
func (g *Gate) session(tx *store.Tx, token string, stages ...Stage) (*session, *account, error) {
	var s session
	_, err := store.Get(tx, func(row store.Row) (struct{}, error) { return struct{}{}, row.Scan(s.dest()...) },
		`SELECT `+sessionColumns+` FROM session s WHERE s.hash = $1`, hashOf("session", token))
	if errors.Is(err, store.ErrNone) {
		return nil, nil, errNobody
	}
	if err != nil {
		return nil, nil, err
	}
	if err := s.over(tx.Now, g.set.Idle); err != nil {
		return nil, nil, err
	}
	a, err := g.accountByID(tx, s.person)
	if err != nil {
		return nil, nil, err
	}
	for _, stage := range stages {
		if s.stage == stage && (a.Status == Active || a.Status == Invited && stage == NeedSetUp) {
			return &s, a, nil
		}
	}
	return nil, nil, errNobody
}

// readSession is session in a transaction of its own.
func (g *Gate) readSession(ctx context.Context, token string, stages ...Stage) (s *session, a *account, now time.Time, err error) {
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		now = tx.Now
		s, a, err = g.session(tx, token, stages...)
		return err
	})
	return s, a, now, err
}

// open makes a session and gives its cookie.
func (g *Gate) open(tx *store.Tx, a *account, by way, stage Stage, strong bool, from From) (Entry, *session, error) {
	if _, err := tx.Exec(`DELETE FROM session WHERE person = $1 AND expires < $2`, a.ID, tx.Now.Add(-rememberFor).UnixMilli()); err != nil {
		return Entry{}, nil, err
	}
	s := &session{id: tx.NewID(), person: a.ID, stage: stage, strong: strong, way: by}
	e := Entry{Token: randomText(), Stage: stage, Person: a.Person, Factors: a.Factors, Expires: tx.Now.Add(g.lasts(stage))}
	agent := []rune(from.Agent)
	_, err := tx.Exec(`INSERT INTO session (id, hash, person, stage, strong, created, seen, expires, revoked, sealed_addr, sealed_agent, way)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 0, $8, $9, $10)`, s.id, hashOf("session", e.Token), a.ID, int64(stage), flag(strong), tx.Now.UnixMilli(),
		e.Expires.UnixMilli(), g.seal.addr.SealText(s.id, from.Addr), g.seal.agent.SealText(s.id, string(agent[:min(len(agent), longestAgent)])), string(by))
	return e, s, err
}

// promote brings a session to a further stage under a new cookie: whoever saw the one from before has nothing, and what was begun
// before cannot be finished.
func (g *Gate) promote(tx *store.Tx, s *session, a *account, stage Stage, strong bool) (Entry, error) {
	e := Entry{Token: randomText(), Stage: stage, Person: a.Person, Factors: a.Factors, Expires: tx.Now.Add(g.lasts(stage))}
	n, err := tx.Exec(`UPDATE session SET hash = $3, stage = $4, strong = $5, created = $6, seen = $6, expires = $7, sealed_pending = NULL
		WHERE id = $1 AND stage = $2 AND revoked = 0`, s.id, int64(s.stage), hashOf("session", e.Token), int64(stage), flag(strong),
		tx.Now.UnixMilli(), e.Expires.UnixMilli())
	if err == nil && n == 0 {
		err = errNobody
	}
	if err != nil {
		return e, err
	}
	_, err = tx.Exec(`DELETE FROM ceremony WHERE session = $1`, s.id)
	return e, err
}

func (g *Gate) lasts(stage Stage) time.Duration {
	switch stage {
	case Live:
		return g.set.Longest
	case NeedFactor:
		return factorFor
	case NeedSetUp, NeedPassword:
		return setUpFor
	}
	return 0
}

// endSessions revokes a person's sessions but one.
func endSessions(tx *store.Tx, person, except string) (int64, error) {
	return tx.Exec(`UPDATE session SET revoked = $3 WHERE person = $1 AND id <> $2 AND revoked = 0`, person, except, tx.Now.UnixMilli())
}
