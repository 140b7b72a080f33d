package carrier

import (
	"fmt"
	"strconv"
	"time"

	"mijuan/internal/callnumber"
	"mijuan/internal/letter"
	"mijuan/internal/matter"
	"mijuan/internal/text"
)

// Handover is what a receipt says besides the carriers themselves.
type Handover struct {
	Firm, Matter, Receiver string
	Made                   time.Time
	Signer                 string    // who signed for it at the desk
	Ink                    []byte    // what they drew
	Absent                 string    // why they drew nothing
	Signed                 time.Time // zero: both sides sign with a pen
}

// Receipt sets the receipt (收件回执) of what was registered at once, a copy for each side: with what who delivered it drew at the desk and
// who received it, or with room for two pens. The carriers are of one batch and known to the caller.
func Receipt(h Handover, batch []Carrier) ([]byte, error) {
	made := h.Made.In(matter.Beijing)
	one := batch[0]
	rows := make([][]string, 0, len(batch))
	pages := 0
	for _, it := range batch {
		pages += it.Pages
		rows = append(rows, []string{it.Number, it.Title, it.Form.Name(), it.Level.Name(), strconv.Itoa(it.Pages) + " " + it.Form.Unit()})
	}
	from := one.From
	if from == "" {
		from = "——"
	}
	reference := one.Reference
	if reference == "" {
		reference = "——"
	}
	signatures := []letter.Signature{{Role: "交件人"}, {Role: "接收人", Name: h.Receiver}}
	if !h.Signed.IsZero() {
		at := h.Signed.In(matter.Beijing)
		signatures = []letter.Signature{{Role: "交件人", Name: h.Signer, Time: at, Drawing: h.Ink}, {Role: "接收人", Name: h.Receiver, Time: at}}
	}
	return letter.Letter{Title: "收件回执", Subtitle: h.Firm, Copies: []string{"交件人留存", "本所留存"}, Author: h.Firm, Reference: "收件回执 · " + one.Number, Made: made,
		Particulars: []letter.Particular{{Label: "案号", Value: h.Matter}, {Label: "来源", Value: one.Origin.Name()}, {Label: "来文字号", Value: reference}, {Label: "交件人", Value: from}, {Label: "接收人", Value: h.Receiver},
			{Label: "收件日期", Value: one.Registered.In(matter.Beijing).Format("2006年1月2日 15:04")}},
		Body: []letter.Block{
			letter.Plain(fmt.Sprintf("本所今收到下列资料，共 %d 份，合计 %d %s，已编号登记并指定专人保管。", len(batch), pages, one.Form.Unit())),
			letter.Grid([]string{"编号", "题名", "类别", "密级", "数量"}, []float64{5, 8, 3, 2, 2}, rows),
			letter.Plain(h.absence() + "案件办结或者委托终止后，本所按约定归还或者销毁。领取时请出示本回执。本回执一式两份，双方各执一份。"),
		},
		Signatures: signatures}.PDF()
}

// absence says why who delivered it did not sign.
func (h Handover) absence() string {
	if h.Absent == "" {
		return ""
	}
	return "交件人没有当面签名：" + h.Absent + "。"
}

// Stock is what labels are printed on.
type Stock = letter.Stock

// Stocks lists them in the order in which pages offer them.
var Stocks = letter.Stocks

// Labels are what is stuck on carriers: number, mark, matter, form and quantity, and no title.
func Labels(firm string, made time.Time, on Stock, matters map[string]string, all []Carrier) ([]byte, error) {
	labels := make([]letter.Label, 0, len(all))
	for _, it := range all {
		labels = append(labels, letter.Label{Number: it.Number, Bars: callnumber.Compact(it.Number), Mark: it.Level.Mark(text.ZH),
			Lines: []string{matters[it.Matter], fmt.Sprintf("%s %d %s", it.Form.Name(), it.Pages, it.Form.Unit()), fmt.Sprintf("第 %d 份", it.Copy)}})
	}
	return letter.Labels(firm, made, on, labels)
}
