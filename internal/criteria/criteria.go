// Package criteria keeps the criteria by which levels are chosen (定密标准, clause 5.3): for each level what belongs to it, in editions that
// are never changed once they are out. The matter committee publishes them; the first comes with the program. Who proposes or reviews a
// level has the edition in force beside the choice, and the register of levels says by which edition it was made.
package criteria

import (
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Edition is one version of the criteria.
type Edition struct {
	Version   int                             `json:"version"`
	Published time.Time                       `json:"published"` // zero: with the program
	By        string                          `json:"by"`        // person; empty: the program
	Texts     map[classification.Level]string `json:"texts"`     // one criterion a line
}

// Lines are the criteria of a level.
func (e Edition) Lines(l classification.Level) []string { return strings.Split(e.Texts[l], "\n") }

// Most is the most characters a level's criteria may have.
const Most = 2000

// Room is where the criteria are kept. It has no state of its own.
type Room struct{}

// Publish puts a new edition in force, at once: what is already filed keeps its level. The act is setCriteria.
func (*Room) Publish(g *guard.Grant, texts map[classification.Level]string) (version int, err error) {
	tx := g.Tx(access.SetCriteria)
	clean := map[classification.Level]string{}
	for _, l := range classification.Levels {
		if clean[l], err = tidy(texts[l], l); err != nil {
			return 0, err
		}
	}
	before, err := inForce(tx)
	if err != nil {
		return 0, err
	}
	if same(before.Texts, clean) {
		return 0, problem.New(problem.Conflict, "与现行的标准相同，没有发布新版")
	}
	version = before.Version + 1
	g.Note("edition", version)
	if _, err := tx.Exec(`INSERT INTO criteria (version, published, published_by) VALUES ($1, $2, $3)`, int64(version), tx.Now.UnixMilli(), g.Who().Person); err != nil {
		return 0, err
	}
	for _, l := range classification.Levels {
		if _, err := tx.Exec(`INSERT INTO criterion (version, level, text) VALUES ($1, $2, $3)`, int64(version), int64(l), clean[l]); err != nil {
			return 0, err
		}
	}
	return version, nil
}

// tidy takes the empty lines out of a level's criteria.
func tidy(text string, l classification.Level) (string, error) {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	switch text = strings.Join(lines, "\n"); {
	case text == "":
		return "", problem.New(problem.Invalid, "请写明哪些资料属于%s，每行一条", l.Name()).In(l.String())
	case !utf8.ValidString(text) || utf8.RuneCountInString(text) > Most:
		return "", problem.New(problem.Invalid, "一个密级的标准最多 %d 个字", Most).In(l.String())
	}
	return text, nil
}

func same(a, b map[classification.Level]string) bool {
	for _, l := range classification.Levels {
		if a[l] != b[l] {
			return false
		}
	}
	return true
}

// Editions lists all, the one in force first. They are the firm's own rules and everybody's to read: the act is useSystem on the firm.
func (*Room) Editions(g *guard.Grant) ([]Edition, error) {
	return editions(g.Tx(access.UseSystem), 0)
}

// InForce is the newest edition.
func (*Room) InForce(g *guard.Grant) (Edition, error) { return inForce(g.Tx(access.UseSystem)) }

func inForce(tx *store.Tx) (Edition, error) {
	newest, err := editions(tx, 1)
	if err != nil || len(newest) == 0 {
		return Edition{}, err
	}
	return newest[0], nil
}

// editions lists the newest most, or all for 0.
func editions(tx *store.Tx, most int) ([]Edition, error) {
	query, args := `SELECT version, published, published_by FROM criteria ORDER BY version DESC`, []any{}
	if most > 0 {
		query, args = query+` LIMIT $1`, append(args, int64(most))
	}
	all, err := store.List(tx, func(r store.Row) (e Edition, err error) {
		var version, published int64
		err = r.Scan(&version, &published, &e.By)
		if e.Version, e.Texts = int(version), map[classification.Level]string{}; published > 0 {
			e.Published = time.UnixMilli(published).UTC()
		}
		return e, err
	}, query, args...)
	if err != nil || len(all) == 0 {
		return all, err
	}
	of := map[int64]map[classification.Level]string{}
	for _, e := range all {
		of[int64(e.Version)] = e.Texts
	}
	_, err = store.List(tx, func(r store.Row) (_ struct{}, err error) {
		var version, level int64
		var text string
		if err = r.Scan(&version, &level, &text); err == nil {
			of[version][classification.Level(level)] = text
		}
		return struct{}{}, err
	}, `SELECT version, level, text FROM criterion WHERE version >= $1`, int64(all[len(all)-1].Version))
	return all, err
}
