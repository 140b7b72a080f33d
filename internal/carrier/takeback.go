package carrier

import (
	"fmt"
	"strconv"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// Tally is what somebody counted when a carrier came back (带回核对; clause 7.1.3).
type Tally struct {
	Pages   int    // that are there
	Missing string // of paper: which are not, as typed ("3-5, 9"); needed where fewer came back than went
	Found   string // remarks; needed where the numbers differ and no page says why
}

// ComeBack records that the carrier is back, with what somebody other than its holder counted page by page. The act is checkBack.
func (c *Cabinet) ComeBack(g *guard.Grant, n Tally) error {
	tx, it, err := c.acted(g, access.CheckBack)
	if err != nil {
		return err
	}
	if n, err = n.against(it); err != nil {
		return err
	}
	all, err := c.slips(tx, ` WHERE t.carrier = $1 AND t.left_at > 0 AND t.back_at = 0`, it.ID)
	if err == nil && len(all) == 0 {
		err = problem.New(problem.Conflict, "这份载体没有带出")
	}
	if err != nil {
		return err
	}
	s := all[0]
	if s.Companion == g.Who().Person {
		return problem.New(problem.Conflict, "同行人不能核对，请由没有一起外出的人清点")
	}
	g.Note("slip", s.ID)
	g.Note("pages", n.Pages)
	if n.Missing != "" {
		g.Note("missing", n.Missing)
	}
	if _, err := tx.Exec(`UPDATE take_out SET back_at = $2, checked_by = $3, pages_back = $4, missing = $5, sealed_found = $6 WHERE id = $1`,
		s.ID, tx.Now.UnixMilli(), g.Who().Person, int64(n.Pages), n.Missing, c.outFound.SealText(s.ID, n.Found)); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE carrier SET state = 'held' WHERE id = $1`, it.ID); err != nil {
		return err
	}
	if err := c.short(g, s, it, n); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: CameBack, By: g.Who().Person, From: it.Holder, To: it.Holder, Note: n.note(it)})
}

// against checks a count against what is registered, and writes its missing pages in order.
func (n Tally) against(it Carrier) (Tally, error) {
	if n.Pages < 0 || n.Pages > mostPages {
		return n, problem.New(problem.Invalid, "请填写清点的数量").In("pages")
	}
	var err error
	gone := 0
	if n.Missing, gone, err = pageRanges(n.Missing, it.Pages); err != nil {
		return n, err
	}
	paged := it.Form.Unit() == Paper.Unit()
	switch {
	case gone > 0 && !paged:
		return n, problem.New(problem.Invalid, "只有纸质载体填写缺页，其他载体请在核对情况里写明").In("missing")
	case gone == 0 && paged && n.Pages < it.Pages:
		return n, problem.New(problem.Invalid, "少了 %d 页，请写明缺哪几页", it.Pages-n.Pages).In("missing")
	case gone > 0 && n.Pages+gone != it.Pages:
		return n, problem.New(problem.Invalid, "清点 %d 页、缺 %d 页，与登记的 %d 页不符", n.Pages, gone, it.Pages).In("missing")
	}
	n.Found, err = words(n.Found, "found", "核对情况", longField, n.Pages != it.Pages && gone == 0)
	return n, err
}

// note is what the carrier's history tells of a count.
func (n Tally) note(it Carrier) string {
	var said []string
	if n.Pages != it.Pages {
		said = append(said, fmt.Sprintf("清点 %d，应为 %d", n.Pages, it.Pages))
	}
	if n.Missing != "" {
		said = append(said, "缺第 "+n.Missing+" 页")
	}
	if n.Found != "" {
		said = append(said, n.Found)
	}
	return strings.Join(said, "；")
}

// mostRanges keeps what is typed to what a person would type.
const mostRanges = 200

var rangeMarks = strings.NewReplacer("，", ",", "、", ",", "；", ",", ";", ",", "－", "-", "—", "-", "–", "-", "～", "-", "~", "-", "至", "-", "第", "", "页", "", " ", "", "\u3000", "")

// pageRanges reads pages as people type them ("3-5, 9", "第3至5页、9") and gives them in order, with how many there are. Each is one of the
// pages from 1 to most.
func pageRanges(typed string, most int) (pages string, n int, err error) {
	typed = rangeMarks.Replace(strings.TrimSpace(typed))
	if typed == "" {
		return "", 0, nil
	}
	wrong := problem.New(problem.Invalid, "缺页请写成“3-5, 9”，页码须在 1 到 %d 之间", most).In("missing")
	parts := strings.Split(typed, ",")
	if len(parts) > mostRanges {
		return "", 0, wrong
	}
	gone := make(map[int]bool)
	for _, part := range parts {
		from, to, several := strings.Cut(part, "-")
		if !several {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 1 || last < first || last > most {
			return "", 0, wrong
		}
		for p := first; p <= last; p++ {
			gone[p] = true
		}
	}
	return inRanges(gone, most), len(gone), nil
}

// inRanges writes pages as ranges, in order.
func inRanges(gone map[int]bool, most int) string {
	var out []string
	for p := 1; p <= most; p++ {
		if !gone[p] {
			continue
		}
		first := p
		for gone[p+1] {
			p++
		}
		if p == first {
			out = append(out, strconv.Itoa(p))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", first, p))
		}
	}
	return strings.Join(out, ", ")
}
