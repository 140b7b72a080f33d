package person

import (
	"errors"
	"strings"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Factors are the second factors that a person has set up.
type Factors struct {
	TOTP     bool // an authenticator app
	Passkeys int
	Recovery int // one-time codes left
}

// Any reports whether there is a second factor. Codes alone are none: they stand in for one that was lost.
func (f Factors) Any() bool { return f.TOTP || f.Passkeys > 0 }

// account is a person with what a log-in is checked against.
type account struct {
	Person
	Factors
	login       []byte // keyed token
	password    []byte // sealed
	passwordSet int64
	totp        []byte // sealed
	totpStep    int64
	unnamed     bool
}

const accountQuery = `SELECT ` + personColumns + `, p.login_token, p.sealed_password, p.password_set, p.sealed_totp, p.totp_step, p.unnamed,
	(SELECT COUNT(*) FROM passkey k WHERE k.person = p.id), (SELECT COUNT(*) FROM recovery_code c WHERE c.person = p.id AND c.used = 0)
	FROM person p WHERE `

func (r *records) accountByID(tx *store.Tx, id string) (*account, error) {
	a, err := r.account(tx, accountQuery+`p.id = $1`, id)
	if err == nil && a.ID == "" {
		err = problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	return a, err
}

// accountByLogin gives an account without person when nobody has the login.
func (r *records) accountByLogin(tx *store.Tx, login string) (*account, error) {
	token := r.index.logins.Token(login)
	a, err := r.account(tx, accountQuery+`p.login_token = $1`, token)
	a.login = token
	return a, err
}

func (r *records) account(tx *store.Tx, query string, arg any) (*account, error) {
	a := &account{}
	_, err := store.Get(tx, func(row store.Row) (_ struct{}, err error) {
		a.Person, err = r.scanPerson(tx, row, &a.login, &a.password, &a.passwordSet, &a.totp, &a.totpStep, &a.unnamed, &a.Passkeys, &a.Recovery)
		return struct{}{}, err
	}, query, arg)
	if errors.Is(err, store.ErrNone) {
		return a, nil
	}
	a.TOTP = len(a.totp) > 0
	return a, err
}

// phc opens the password's hash; empty where there is none.
func (r *records) phc(a *account) (string, error) {
	if len(a.password) == 0 {
		return "", nil
	}
	return r.seal.password.OpenText(a.ID, a.password)
}

func (r *records) setPassword(tx *store.Tx, person, phc string) error {
	_, err := tx.Exec(`UPDATE person SET sealed_password = $2, password_set = $3 WHERE id = $1`, person,
		r.seal.password.SealText(person, phc), tx.Now.UnixMilli())
	return err
}

// next is the stage that follows when who it is was proved by some way, and a factor was shown or was not. Only a password that
// somebody logs in with grows old here.
func (r *records) next(a *account, by way, shown bool, now time.Time) Stage {
	switch {
	case !shown && a.Any():
		return NeedFactor
	case !shown && r.set.SecondFactor:
		return NeedSetUp
	case by == byPassword && now.Sub(instant(a.passwordSet)) >= r.set.Password.MaxAge:
		return NeedPassword
	}
	return Live
}

// normal is a login as it is kept and compared.
func normal(login string) string { return strings.ToLower(strings.TrimSpace(login)) }
