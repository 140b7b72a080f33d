package house

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// nameSetting is the firm's name in the table of settings.
const nameSetting = "firm.name"

// longestName is in characters.
const longestName = 60

// Name is the firm's name as registers and documents bear it; empty when none was given.
func (h *House) Name(ctx context.Context) (name string, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		sealed, err := store.Get(tx, func(r store.Row) (s []byte, err error) { err = r.Scan(&s); return s, err }, `SELECT sealed FROM setting WHERE name = $1`, nameSetting)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		name, err = h.Keys.Field("setting.sealed").OpenText(nameSetting, sealed)
		return err
	})
	return name, err
}

// SetName gives the firm its name. It is an act of the operator at the machine.
func (h *House) SetName(ctx context.Context, name string) error {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > longestName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return problem.New(problem.Invalid, "律所名称应为 1 到 %d 个字", longestName)
	}
	return h.Door.Do(ctx, console, access.ManageSystem, guard.Firm, func(g *guard.Grant) error {
		g.Note("setting", nameSetting)
		_, err := g.Tx(access.ManageSystem).Exec(`INSERT INTO setting (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed`,
			nameSetting, h.Keys.Field("setting.sealed").SealText(nameSetting, name))
		return err
	})
}
