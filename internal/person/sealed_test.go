package person

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Everything that people type stands sealed in the database: after each form was used with marked texts, no byte of any
// table holds a mark.
func TestNothingStandsInTheClear(t *testing.T) {
	set := passkeySettings
	each(t, set, func(t *testing.T, o *office) {
		ctx := context.Background()
		from := From{Addr: "203.0.113.77", Agent: "marked-agent"}
		id, link := o.invite("markedlogin", "标记姓名", access.Lawyer)
		o.must(o.appoint(id, func(g *guard.Grant) error {
			return o.ChangeDetails(g, Details{Name: "标记改名", Department: "标记部门", Licence: "MARKEDLICENCE", Mail: "marked@marked.example"}, "标记事由")
		}))
		e, err := o.Accept(ctx, link, Acceptance{Password: "Marked-password-1"}, from)
		o.must(err)
		totp, err := o.BeginTOTP(ctx, e.Token, "", from)
		o.must(err)
		e, err = o.ConfirmTOTP(ctx, e.Token, codeOf(totp.Secret, o.now()), from)
		o.must(err)
		c, err := o.BeginPasskey(ctx, e.Token, "Marked-password-1", from)
		o.must(err)
		key := newStick(t, rightOrigin, true)
		_, err = o.FinishPasskey(ctx, e.Token, c.ID, "标记密钥", key.create(c), from)
		o.must(err)
		_, err = o.BeginPasskeyLogin(ctx, from)
		o.must(err)
		_, err = o.Enter(ctx, "marked-stranger", "Marked-password-2", from)
		if err == nil {
			t.Fatal("a stranger came in")
		}
		_, err = o.Enter(ctx, "markedlogin", "Marked-password-3", from)
		if err == nil {
			t.Fatal("a wrong password came in")
		}
		for _, kind := range TrainingKinds {
			o.must(o.appoint(id, func(g *guard.Grant) error { return o.RecordTraining(g, kind, time.Time{}, "纸质记录存档") }))
		}
		_, secret := o.tokenOf(id, "标记令牌")

		marks := []string{"标记", "marked", "Marked", "MARKED", "203.0.113.77", totp.Secret, e.Token, link, secret, string(key.id)}
		for _, code := range e.Codes {
			marks = append(marks, code, plainCode(code))
		}
		dump, tables := o.dump()
		for _, m := range marks {
			if i := bytes.Index(dump, []byte(m)); i >= 0 {
				t.Errorf("%q stands in the clear: %q", m, dump[max(0, i-60):min(len(dump), i+60)])
			}
		}
		if tables < 12 || !bytes.Contains(dump, []byte(id)) {
			t.Fatalf("the dump of %d tables is not whole", tables)
		}
	})
}

func (o *office) tokenOf(person, name string) (Token, string) {
	return o.token(person, NewToken{Name: name, Scopes: []access.Act{access.ReadRoster}})
}

// dump is every value of every table.
func (o *office) dump() (all []byte, tables int) {
	o.t.Helper()
	list, columns := `SELECT name FROM sqlite_master WHERE type = 'table'`, `SELECT name FROM pragma_table_info('%s')`
	if o.db.Engine() == store.PostgreSQL {
		list = `SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'`
		columns = `SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '%s'`
	}
	text := func(row store.Row) (s string, err error) { err = row.Scan(&s); return s, err }
	o.must(o.db.Read(context.Background(), func(tx *store.Tx) error {
		names, err := store.List(tx, text, list)
		if err != nil {
			return err
		}
		tables = len(names)
		for _, name := range names {
			cols, err := store.List(tx, text, fmt.Sprintf(columns, name))
			if err != nil {
				return err
			}
			_, err = store.List(tx, func(row store.Row) (struct{}, error) {
				values, dest := make([]any, len(cols)), make([]any, len(cols))
				for i := range values {
					dest[i] = &values[i]
				}
				err := row.Scan(dest...)
				for _, v := range values {
					if b, ok := v.([]byte); ok {
						all = append(all, b...)
					} else {
						all = fmt.Append(all, v)
					}
					all = append(all, '\n')
				}
				return struct{}{}, err
			}, `SELECT "`+strings.Join(cols, `", "`)+`" FROM "`+name+`"`)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return all, tables
}
