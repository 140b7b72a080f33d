package carrier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/approval"
	"mijuan/internal/letter"
	"mijuan/internal/matter"
	"mijuan/internal/text"
)

// Paperwork is what a printed slip says besides the slip itself.
type Paperwork struct {
	Firm, Matter string            // the matter's number
	Names        map[string]string // of the slip's people, by id
	Made         time.Time
}

// Form sets the slip as the firm's paper form has it (外带审批单; clause 7.1.3): what goes, where to, how it is kept safe, who approved
// it and when, the taker's pledge, and a table in which each page is ticked when it comes back. What the reader may not know of it is
// blank in s and it, and on the form.
func (s Slip) Form(p Paperwork, it Carrier) ([]byte, error) {
	number := s.Label()
	title := it.Title
	if !it.Known {
		title = "（不在知悉范围）"
	}
	body := []letter.Block{
		letter.Heading("外带的载体"),
		letter.Grid([]string{"编号", "题名", "类别", "密级", "数量"}, []float64{5, 8, 3, 2, 2}, [][]string{{s.Number, title, it.Form.Name(), s.Level.Name(), fmt.Sprintf("%d %s", s.Pages, it.Form.Unit())}}),
		letter.Heading("保密措施"),
		letter.Grid([]string{"措施", "落实"}, []float64{9, 1}, s.measureRows()),
		letter.Heading("审批"),
		letter.Grid([]string{"环节", "审批人", "决定和意见", "时间"}, []float64{2, 3, 6, 4}, s.seatRows(p.Names)),
		letter.Heading("承诺"),
		letter.Plain(Promise),
		letter.Heading("带回核对"),
		letter.Plain(s.checked(it, p.Names)),
		s.checkTable(),
	}
	signatures := []letter.Signature{{Role: "申请人（承诺）", Name: p.Names[s.Applicant], Time: signed(s.Left)}}
	for _, seat := range s.Seats {
		signatures = append(signatures, letter.Signature{Role: "审批人", Name: p.Names[seat.DecidedBy], Time: signed(seat.Decided)})
	}
	if s.Companion != "" {
		signatures = append(signatures, letter.Signature{Role: "同行人", Name: p.Names[s.Companion], Time: signed(s.Left)})
	}
	signatures = append(signatures, letter.Signature{Role: "核对人", Name: p.Names[s.CheckedBy], Time: signed(s.Back)})
	return letter.Letter{Title: "外带审批单", Subtitle: p.Firm + "　" + s.Level.Mark(text.ZH), Author: p.Firm, Reference: "外带审批单 · " + number, Made: p.Made.In(matter.Beijing),
		Particulars: s.particulars(number, p), Body: body, Signatures: signatures}.PDF()
}

func (s Slip) particulars(number string, p Paperwork) []letter.Particular {
	along := p.Names[s.Companion]
	if s.Companion == "" {
		along = "无"
	}
	return []letter.Particular{{Label: "单号", Value: number}, {Label: "申请日期", Value: date(s.Asked)}, {Label: "案号", Value: p.Matter}, {Label: "状态", Value: s.State.Name()}, {Label: "申请人", Value: p.Names[s.Applicant]}, {Label: "同行人", Value: along},
		{Label: "去处", Value: s.Place}, {Label: "用途", Value: s.Purpose}, {Label: "带出时间", Value: minute(s.Left)}, {Label: "带回期限", Value: date(s.Due)}}
}

// measureRows are all measures of the form, ticked where they were promised.
func (s Slip) measureRows() (rows [][]string) {
	for _, m := range Measures {
		tick := "□"
		if slices.Contains(s.Measures, m) {
			tick = "√"
		}
		rows = append(rows, []string{m.Name(), tick})
	}
	return rows
}

func (s Slip) seatRows(names map[string]string) (rows [][]string) {
	for _, seat := range s.Seats {
		said := seat.Decision.Name()
		if said == "" {
			said = "待审批"
		}
		if seat.Opinion != "" {
			said += "：" + seat.Opinion
		}
		by := names[seat.DecidedBy]
		if seat.InsteadOf != "" {
			by += "（受" + names[seat.InsteadOf] + "授权）"
		}
		rows = append(rows, []string{seatName(seat), by, said, minute(seat.Decided)})
	}
	return rows
}

var capacityNames = map[string]string{"lead": "主办律师", "director": "主任", "committee": "案件管理委员会"}

func seatName(seat approval.Seat) string {
	if seat.Capacity != "" {
		return capacityNames[seat.Capacity]
	}
	names := make([]string, len(seat.Capacities))
	for i, c := range seat.Capacities {
		names[i] = capacityNames[c]
	}
	return strings.Join(names, "或")
}

// checked says how the check went, or what it has still to say.
func (s Slip) checked(it Carrier, names map[string]string) string {
	if s.Back.IsZero() {
		return "带回时由保管人以外的人逐页核对，在的打“√”，缺的写“缺”，并写明缺页和原因。"
	}
	said := fmt.Sprintf("%s 由%s清点，带回 %d %s，应为 %d %s。", minute(s.Back), names[s.CheckedBy], s.PagesBack, it.Form.Unit(), s.Pages, it.Form.Unit())
	if s.Missing != "" {
		said += "缺第 " + s.Missing + " 页。"
	}
	if s.Found != "" {
		said += "核对情况：" + s.Found
	}
	return said
}

// The table of the check has ten pages in a row, or ten times ten of what has more than checkSingly.
const (
	checkColumns = 10
	checkSingly  = 500
)

// checkTable has a cell for each page, empty to tick, or as the check found it.
func (s Slip) checkTable() letter.Block {
	gone, step := pageSet(s.Missing), 1
	if s.Pages > checkSingly {
		step = checkColumns
	}
	head, weights := []string{"页（件）"}, []float64{2}
	for n := range checkColumns {
		head, weights = append(head, span(n*step+1, (n+1)*step)), append(weights, 1)
	}
	var rows [][]string
	for first := 1; first <= s.Pages; first += step * checkColumns {
		row := []string{span(first, min(first+step*checkColumns-1, s.Pages))}
		for n := range checkColumns {
			row = append(row, s.tick(first+n*step, min(first+(n+1)*step-1, s.Pages), gone))
		}
		rows = append(rows, row)
	}
	return letter.Grid(head, weights, rows)
}

func span(from, to int) string {
	if from == to {
		return strconv.Itoa(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

// tick is the cell of some pages: none, to be ticked, all there, or something missing.
func (s Slip) tick(from, to int, gone map[int]bool) string {
	switch {
	case from > s.Pages:
		return ""
	case s.Back.IsZero(), s.PagesBack < s.Pages && len(gone) == 0: // of pieces nobody says which
		return "□"
	}
	for p := from; p <= to; p++ {
		if gone[p] {
			return "缺"
		}
	}
	return "√"
}

// pageSet is the pages of ranges that pageRanges wrote.
func pageSet(ranges string) map[int]bool {
	gone := map[int]bool{}
	for part := range strings.SplitSeq(ranges, ", ") {
		from, to, several := strings.Cut(part, "-")
		if !several {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for p := max(first, 1); p <= last; p++ {
			gone[p] = true
		}
	}
	return gone
}

func signed(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(matter.Beijing)
}

func date(t time.Time) string { return written(t, "2006年1月2日") }

func minute(t time.Time) string { return written(t, "2006年1月2日 15:04") }

func written(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(matter.Beijing).Format(layout)
}
