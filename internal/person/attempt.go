package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// The lock of a log-in name (clause 8.3): five guesses, then a quarter of an hour, doubling with each lock that follows
// without a log-in between.
const (
	maxFailures = 5
	lockFor     = 15 * time.Minute
	lockLongest = 24 * time.Hour
	attemptsFor = 24 * time.Hour // forgotten after this without another
)

// attempt is a guess that was taken from the five before it is known to be right or wrong, so that guesses made at the same
// time cannot be more than five. It holds for every log-in name that somebody types, whether anyone has it or not: a lock
// tells nobody which names exist.
type attempt struct {
	login []byte // keyed token
	at    time.Time
	until time.Time // if this guess is wrong the log-in is locked until then; zero: there are guesses left
}

type attempts struct{ failures, lockouts, lockedUntil int64 }

func readAttempts(tx *store.Tx, login []byte) (a attempts, err error) {
	a, err = store.Get(tx, func(row store.Row) (a attempts, err error) {
		err = row.Scan(&a.failures, &a.lockouts, &a.lockedUntil)
		return a, err
	}, `SELECT failures, lockouts, locked_until FROM login_attempt WHERE login_token = $1`, login)
	if errors.Is(err, store.ErrNone) {
		return attempts{}, nil
	}
	return a, err
}

// reserve takes a guess, or refuses because the log-in is locked.
func (g *Gate) reserve(ctx context.Context, login []byte) (try attempt, err error) {
	err = g.db.Update(ctx, func(tx *store.Tx) error {
		try, err = reserve(tx, login)
		return err
	})
	return try, err
}

// giveBack is the function of that name in a transaction of its own: nothing was compared.
func (g *Gate) giveBack(ctx context.Context, try attempt) error {
	ctx, cancel := lasting(ctx)
	defer cancel()
	return g.db.Update(ctx, func(tx *store.Tx) error { return giveBack(tx, try.login) })
}

func reserve(tx *store.Tx, login []byte) (try attempt, err error) {
	now := tx.Now.UnixMilli()
	if _, err := tx.Exec(`DELETE FROM login_attempt WHERE last <= $1 AND locked_until <= $2`, now-attemptsFor.Milliseconds(), now); err != nil {
		return try, err
	}
	a, err := readAttempts(tx, login)
	if err != nil {
		return try, err
	}
	if a.lockedUntil > now {
		minutes := (a.lockedUntil - now + 59_999) / 60_000
		return try, problem.New(problem.Refused, "连续输错次数过多，这个账号已锁定；请 %d 分钟后再试，或请安全管理员解锁", minutes)
	}
	if a.failures >= maxFailures { // that lock is over
		a.failures = 0
	}
	a.failures, a.lockedUntil = a.failures+1, 0
	try = attempt{login: login, at: tx.Now}
	if a.failures == maxFailures {
		try.until = tx.Now.Add(min(lockFor<<min(a.lockouts, 16), lockLongest))
		a.lockouts, a.lockedUntil = a.lockouts+1, try.until.UnixMilli()
	}
	_, err = tx.Exec(`INSERT INTO login_attempt (login_token, failures, lockouts, locked_until, last) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (login_token) DO UPDATE SET failures = $2, lockouts = $3, locked_until = $4, last = $5`,
		login, a.failures, a.lockouts, a.lockedUntil, now)
	return try, err
}

// giveBack returns a guess that was right where more is asked for: those that were wrong still count.
func giveBack(tx *store.Tx, login []byte) error {
	a, err := readAttempts(tx, login)
	if err != nil || a.failures == 0 {
		return err
	}
	if a.failures == maxFailures {
		a.lockouts, a.lockedUntil = max(0, a.lockouts-1), 0
	}
	_, err = tx.Exec(`UPDATE login_attempt SET failures = $2, lockouts = $3, locked_until = $4 WHERE login_token = $1`,
		login, a.failures-1, a.lockouts, a.lockedUntil)
	return err
}

// settle forgets the guesses after a whole log-in, and is the unlocking.
func settle(tx *store.Tx, login []byte) (locked bool, err error) {
	a, err := readAttempts(tx, login)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(`DELETE FROM login_attempt WHERE login_token = $1`, login)
	return a.lockedUntil > tx.Now.UnixMilli(), err
}
