package ledger

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// ParseWitness reads a witness from a setting: its submission prefix, a plus sign and its verifier key, such as
// "https://witness.example/firm+witness.example+5577225c+BMhT…".
func ParseWitness(s string) (Witness, error) {
	prefix, key, _ := strings.Cut(s, "+")
	u, err := url.Parse(prefix)
	if err == nil && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
		err = fmt.Errorf("witness address: not an https or http prefix: %.80q", prefix)
	}
	if err == nil {
		_, err = parseCosigner(key)
	}
	if err != nil {
		return Witness{}, problem.New(problem.Invalid, "见证方须写成 地址+公钥，例如 https://witness.example+witness.example+5577225c+BMhT…").Because(err)
	}
	return Witness{URL: prefix, Key: key}, nil
}

// checkWitnesses finds a key that is none, and two witnesses of one name, whose cosignatures could not be told apart.
func (l *Ledger) checkWitnesses() error {
	seen := map[string]bool{}
	for _, w := range l.o.Witnesses {
		if _, err := parseCosigner(w.Key); err != nil {
			return problem.New(problem.Invalid, "见证方公钥的格式不对").Because(err)
		}
		if seen[w.name()] {
			return problem.New(problem.Invalid, "见证方 %s 写了两次", w.name())
		}
		seen[w.name()] = true
	}
	return nil
}

// Attendance is how a witness stands.
type Attendance struct {
	Name   string    // of its key
	URL    string    // the submission prefix
	Asked  time.Time // zero: never
	Signed time.Time // when its newest cosignature came; zero: never
	Size   uint64    // entries in the newest tree that it cosigned
	Behind uint64    // entries written since

	// Failure says what is wrong since the last attempt: Unavailable, it does not answer or refuses; Damaged, it has seen a
	// longer ledger than this one; Invalid, its answer is no cosignature by its key. Zero: nothing is.
	Failure problem.Kind
}

// Says is how the witness stands in one sentence for people: a format of package text and its arguments.
func (a Attendance) Says() (format string, args []any) {
	switch {
	case a.Failure == problem.Damaged:
		return "见证过的台账比现在的长：有记录被收回", nil
	case a.Failure == problem.Unavailable:
		return "没有应答，或者拒绝了检查点", nil
	case a.Failure != 0:
		return "应答里没有它的签名", nil
	case a.Signed.IsZero():
		return "还没有见证过", nil
	}
	return "已见证前 %d 条", []any{a.Size}
}

// Attend asks each witness that has not cosigned the present head, and that nobody has asked for the time of every, and keeps
// how it went. Processes that share a database share that time: only one of them asks. How many were asked is told; what failed
// comes back joined, stands in Attendance and is tried again.
func (l *Ledger) Attend(ctx context.Context, every time.Duration) (asked int, err error) {
	if len(l.o.Witnesses) == 0 {
		return 0, nil
	}
	var due []Witness
	var h head
	look := func(tx *store.Tx) (err error) {
		h, due, err = l.due(tx, every)
		return err
	}
	if err := l.db.Read(ctx, look); err != nil || len(due) == 0 {
		return 0, err
	}
	err = l.db.Update(ctx, func(tx *store.Tx) error {
		if err := look(tx); err != nil {
			return err
		}
		return claim(tx, due)
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	errs := l.cosign(ctx, h, due)
	if ctx.Err() != nil {
		return len(due), ctx.Err() // the program stops: that the answers did not come is nobody's failure
	}
	return len(due), errors.Join(append(errs, l.keepAttendance(ctx, due, errs))...)
}

// due are the witnesses to be asked, and the head that they are to cosign.
func (l *Ledger) due(tx *store.Tx, every time.Duration) (h head, due []Witness, err error) {
	if h, err = readHead(tx); err != nil || h.size == 0 {
		return h, nil, err
	}
	list, err := l.Attendance(tx)
	for i, a := range list {
		if a.Size != h.size && !a.Asked.After(tx.Now.Add(-every)) {
			due = append(due, l.o.Witnesses[i])
		}
	}
	return h, due, err
}

func claim(tx *store.Tx, due []Witness) error {
	for _, w := range due {
		_, err := tx.Exec(`INSERT INTO ledger_witness (witness, asked, signed, failure) VALUES ($1, $2, 0, 0)
			ON CONFLICT (witness) DO UPDATE SET asked = excluded.asked`, w.name(), tx.Now.UnixMilli())
		if err != nil {
			return fmt.Errorf("claim the witness %s: %w", w.name(), err)
		}
	}
	return nil
}

func (l *Ledger) keepAttendance(ctx context.Context, asked []Witness, errs []error) error {
	return l.db.Update(ctx, func(tx *store.Tx) error {
		for i, w := range asked {
			set, args := `signed = $2, failure = 0`, []any{w.name(), tx.Now.UnixMilli()}
			if errs[i] != nil {
				set, args = `failure = $2`, []any{w.name(), failureOf(errs[i])}
			}
			if _, err := tx.Exec(`UPDATE ledger_witness SET `+set+` WHERE witness = $1`, args...); err != nil {
				return fmt.Errorf("keep how the witness %s answered: %w", w.name(), err)
			}
		}
		return nil
	})
}

// failureOf is what Attendance says of an error.
func failureOf(err error) problem.Kind {
	if kind := problem.KindOf(err); kind != 0 {
		return kind
	}
	return problem.Invalid
}

// name is the name of the witness's key.
func (w Witness) name() string {
	name, _, _ := strings.Cut(w.Key, "+")
	return name
}

// Attendance is how the configured witnesses stand, in their order.
func (l *Ledger) Attendance(tx *store.Tx) ([]Attendance, error) {
	h, err := readHead(tx)
	if err != nil {
		return nil, err
	}
	heads, err := listCosigned(tx)
	if err != nil {
		return nil, err
	}
	var list []Attendance
	for _, w := range l.o.Witnesses {
		a, err := store.Get(tx, scanAttendance, `SELECT asked, signed, failure FROM ledger_witness WHERE witness = $1`, w.name())
		if err != nil && !errors.Is(err, store.ErrNone) {
			return nil, fmt.Errorf("read how the witness %s stands: %w", w.name(), err)
		}
		a.Name, a.URL = w.name(), w.URL
		for _, c := range heads {
			if c.witness == a.Name {
				a.Size = uint64(c.size)
			}
		}
		a.Behind = h.size - min(a.Size, h.size)
		list = append(list, a)
	}
	return list, nil
}

func scanAttendance(row store.Row) (a Attendance, err error) {
	var asked, signed int64
	err = row.Scan(&asked, &signed, &a.Failure)
	a.Asked = time.UnixMilli(asked).UTC()
	if signed > 0 {
		a.Signed = time.UnixMilli(signed).UTC()
	}
	return a, err
}
