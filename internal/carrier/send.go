package carrier

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Channel is how a carrier is sent (外发方式).
type Channel string

const (
	ByHand    Channel = "hand"    // brought by somebody of the firm
	ByCounter Channel = "counter" // at the counter of a court or an authority
	ByCourier Channel = "courier" // registered, with a number to follow it by
)

// Channels lists them.
var Channels = []Channel{ByHand, ByCounter, ByCourier}

var channelNames = map[Channel]string{ByHand: "专人送达", ByCounter: "窗口递交", ByCourier: "挂号或专递"}

// Name is the channel in Chinese.
func (c Channel) Name() string { return channelNames[c] }

// Sending is one carrier sent out of the firm for good (外发). Persons are ids.
type Sending struct {
	ID, Carrier, Number, Matter string
	Title                       string // empty for who keeps it without knowing the matter, as are Recipient, Organisation, Basis and Receipt
	Known                       bool
	Approval                    string // id of the request for leave; empty: none was needed
	State                       approval.State
	Sender                      string
	Channel                     Channel
	Recipient                   string // who receives it
	Organisation                string // of the recipient
	Basis                       string // why it may go there
	Asked, Sent                 time.Time
	Receipt                     string // waybill, who signed for it
	Receipted                   time.Time
	ReceiptedBy                 string

	it Carrier
}

// Stands reports whether the request waits or may be used.
func (s Sending) Stands() bool {
	return s.Sent.IsZero() && (s.State == approval.Pending || s.State == approval.Approved)
}

// AskSend asks for leave to send the carrier to somebody outside the firm. The Grant is one of Door.Ask for sendCarrier.
func (c *Cabinet) AskSend(g *guard.Grant, s Sending) (leave string, err error) {
	tx, it, err := c.acted(g, access.RequestApproval)
	if err != nil {
		return "", err
	}
	if err := it.passable(); err != nil {
		return "", err
	}
	if s, err = s.clean(it); err != nil {
		return "", err
	}
	open, err := c.sendings(tx, ` WHERE s.carrier = $1 AND s.sent = 0`, it.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(open, func(o Sending) bool { return o.Sender == g.Who().Person && o.Stands() }) {
		return "", problem.New(problem.Conflict, "这份载体已有一件外发申请在办理")
	}
	if leave, err = c.approvals.Request(g, approval.Ask{Purpose: s.Basis, Scope: s.to(), Until: tx.Now.Add(approval.Term)}); err != nil {
		return "", err
	}
	s.Approval, s.Asked = leave, tx.Now
	_, err = c.addSending(g, it, s)
	return leave, err
}

// Send records that the carrier was sent as the approval says; without one (the lead's own, where the rules want none) as s says. Its number ends.
// The act is sendCarrier, which uses the approval up.
func (c *Cabinet) Send(g *guard.Grant, s Sending) error {
	tx, it, err := c.acted(g, access.SendCarrier)
	if err != nil {
		return err
	}
	if err := it.passable(); err != nil {
		return err
	}
	if leave := g.Permit(); leave != "" {
		asked, err := c.sendings(tx, ` WHERE s.approval = $1 AND s.carrier = $2`, leave, it.ID)
		if err != nil {
			return err
		}
		if len(asked) != 1 {
			return problem.New(problem.Conflict, "这项批准不是为外发办理的，请重新申请")
		}
		s = asked[0]
	} else {
		s.Asked = tx.Now
	}
	if s, err = s.clean(it); err != nil {
		return err
	}
	if s.ID == "" {
		if s.ID, err = c.addSending(g, it, s); err != nil {
			return err
		}
	}
	g.Note("sending", s.ID)
	g.Note("channel", string(s.Channel))
	g.Note("fate", string(Sent))
	if _, err := tx.Exec(`UPDATE sending SET sent = $2, sender = $3 WHERE id = $1`, s.ID, tx.Now.UnixMilli(), g.Who().Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE carrier SET state = 'ended', fate = $2, ended = $3, offered_to = '', offered_due = 0, lender = '', due = 0 WHERE id = $1`, it.ID, string(Sent), tx.Now.UnixMilli()); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: SentOut, By: g.Who().Person, From: it.Holder, Note: s.Channel.Name() + "：" + s.to()})
}

// Acknowledge notes the receipt of what was sent: its waybill, who signed for it and when. The act is registerCarrier on the matter.
func (c *Cabinet) Acknowledge(g *guard.Grant, id, receipt string) error {
	tx := g.Tx(access.RegisterCarrier)
	receipt, err := words(receipt, "receipt", "回执", longField, true)
	if err != nil {
		return err
	}
	all, err := c.sendings(tx, ` WHERE s.id = $1 AND s.matter = $2 AND s.sent > 0`, id, g.Only(access.Matter))
	switch {
	case err != nil:
		return err
	case len(all) == 0 || !all[0].it.knows(g.Facts().Where, g.Who().Person):
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case !all[0].Receipted.IsZero():
		return problem.New(problem.Conflict, "回执已经登记")
	}
	g.Note("receipt of", all[0].Number)
	_, err = tx.Exec(`UPDATE sending SET receipted = $2, receipted_by = $3, sealed_receipt = $4 WHERE id = $1`, id, tx.Now.UnixMilli(), g.Who().Person, c.receipt.SealText(id, receipt))
	return err
}

func (c *Cabinet) addSending(g *guard.Grant, it Carrier, s Sending) (id string, err error) {
	tx := g.Tx()
	id = tx.NewID()
	_, err = tx.Exec(`INSERT INTO sending (id, carrier, matter, approval, sender, channel, asked, sent, receipted, receipted_by, sealed_recipient, sealed_organisation, sealed_basis, sealed_receipt)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', $8, $9, $10, $11)`, id, it.ID, it.Matter, s.Approval, g.Who().Person, string(s.Channel), s.Asked.UnixMilli(),
		c.recipient.SealText(id, s.Recipient), c.organisation.SealText(id, s.Organisation), c.basis.SealText(id, s.Basis), c.receipt.SealText(id, ""))
	return id, err
}

// to is where it goes, as one line.
func (s Sending) to() string {
	if s.Organisation == "" {
		return s.Recipient
	}
	return fmt.Sprintf("%s（%s）", s.Organisation, s.Recipient)
}

func (s Sending) clean(it Carrier) (Sending, error) {
	var errs [3]error
	s.Recipient, errs[0] = words(s.Recipient, "recipient", "收件人", longField/2, true)
	s.Organisation, errs[1] = words(s.Organisation, "organisation", "单位", longField/2, false)
	s.Basis, errs[2] = words(s.Basis, "basis", "外发的依据和用途", longField, true)
	for _, err := range errs {
		if err != nil {
			return s, err
		}
	}
	switch {
	case it.Lender != "":
		return s, problem.New(problem.Conflict, "这份载体是借来的，请先归还出借人，再由出借人外发")
	case !slices.Contains(Channels, s.Channel):
		return s, problem.New(problem.Invalid, "请选择外发方式").In("channel")
	}
	return s, nil
}

const selectSending = `SELECT s.id, s.carrier, s.matter, s.approval, s.sender, s.channel, s.asked, s.sent, s.receipted, s.receipted_by, s.sealed_recipient, s.sealed_organisation, s.sealed_basis, s.sealed_receipt,
	c.number, c.level, c.sealed_title, c.state, c.holder FROM sending s JOIN carrier c ON c.id = s.carrier`

func (c *Cabinet) scanSending(row store.Row) (s Sending, err error) {
	var asked, sent, receipted, level int64
	var recipient, organisation, basis, receipt, title []byte
	if err := row.Scan(&s.ID, &s.Carrier, &s.Matter, &s.Approval, &s.Sender, &s.Channel, &asked, &sent, &receipted, &s.ReceiptedBy, &recipient, &organisation, &basis, &receipt,
		&s.Number, &level, &title, &s.it.State, &s.it.Holder); err != nil {
		return s, err
	}
	s.Asked, s.Sent, s.Receipted, s.Known = instant(asked), instant(sent), instant(receipted), true
	s.it.ID, s.it.Matter, s.it.Level = s.Carrier, s.Matter, classification.Level(level)
	var errs [5]error
	s.Title, errs[0] = c.title.OpenText(s.Carrier, title)
	s.Recipient, errs[1] = c.recipient.OpenText(s.ID, recipient)
	s.Organisation, errs[2] = c.organisation.OpenText(s.ID, organisation)
	s.Basis, errs[3] = c.basis.OpenText(s.ID, basis)
	s.Receipt, errs[4] = c.receipt.OpenText(s.ID, receipt)
	return s, errors.Join(errs[:]...)
}

// sendings reads some with how their requests stand.
func (c *Cabinet) sendings(tx *store.Tx, where string, args ...any) ([]Sending, error) {
	all, err := store.List(tx, c.scanSending, selectSending+where, args...)
	for i := range all {
		if err != nil || all[i].Approval == "" {
			continue
		}
		var q approval.Request
		if q, err = c.approvals.One(tx, all[i].Approval); err == nil {
			all[i].State = q.State
		}
	}
	return all, err
}
