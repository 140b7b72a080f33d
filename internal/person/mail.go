package person

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/mail"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// sealedMail is an address as it is kept; none is NULL.
func (r *records) sealedMail(id, address string) any {
	if address == "" {
		return nil
	}
	return r.seal.mail.SealText(id, address)
}

// SetMail says where a person gets notices by mail; empty: nowhere. The act is appoint on the person.
func (r *Roster) SetMail(g *guard.Grant, address, reason string) error {
	a, err := r.subject(g, "mail", reason)
	if err != nil {
		return err
	}
	if address, err = mail.Address(address); err != nil {
		return err
	}
	if address == a.Mail {
		return problem.New(problem.Conflict, "邮箱没有变化")
	}
	_, err = g.Tx().Exec(`UPDATE person SET sealed_mail = $2 WHERE id = $1`, a.ID, r.sealedMail(a.ID, address))
	return err
}

// WantMail says whether the person that the grant is for (manageOwnAccount) wants notices by mail.
func (c *Accounts) WantMail(g *guard.Grant, wants bool) error {
	tx, id := g.Tx(access.ManageOwnAccount), g.Only(access.Person)
	g.Note("mail", map[bool]string{true: "wanted", false: "unwanted"}[wants])
	_, err := tx.Exec(`UPDATE person SET mail_off = $2 WHERE id = $1`, id, flag(!wants))
	return err
}

// Reached are those at work to whom a notice can be sent: they have an address and want mails. Whether anybody may be told of something,
// the caller asks the rules.
func (r *Roster) Reached(tx *store.Tx) ([]Person, error) {
	return store.List(tx, func(row store.Row) (Person, error) { return r.scanPerson(tx, row) },
		`SELECT `+personColumns+` FROM person p WHERE p.status = 'active' AND p.mail_off = 0 AND p.sealed_mail IS NOT NULL ORDER BY p.id`)
}
