package person

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mijuan/internal/ledger"
	"mijuan/internal/problem"
)

func codeOf(secret string, at time.Time) string {
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		panic(err)
	}
	return code
}

func TestAnAuthenticatorsCodeIsTakenOnce(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		half := func() string {
			e, err := o.enter("mixun", goodPassword)
			if err != nil || e.Stage != NeedFactor {
				t.Fatalf("password: %v, %v", e.Stage, err)
			}
			return e.Token
		}
		_, err := o.VerifyCode(ctx, half(), o.code(id), desk)
		wants(t, err, problem.Unauthenticated, "the code that set it up")

		o.pass(totpStep)
		token, code := half(), o.code(id)
		e, err := o.VerifyCode(ctx, token, code[:3]+" "+code[3:], desk)
		if err != nil || e.Stage != Live {
			t.Fatalf("a right code: %v, %v", e.Stage, err)
		}
		if who, _, err := o.authenticate(e.Token); err != nil || !who.Strong {
			t.Fatalf("after the second factor: %+v, %v", who, err)
		}
		if _, _, err := o.authenticate(token); err == nil {
			t.Fatal("the cookie from before the second factor still opens the session")
		}
		_, err = o.VerifyCode(ctx, half(), code, desk)
		wants(t, err, problem.Unauthenticated, "the same code again")

		secret, _ := secrets.Load(id)
		_, err = o.VerifyCode(ctx, half(), codeOf(secret.(string), o.now().Add(2*totpStep)), desk)
		wants(t, err, problem.Unauthenticated, "two steps ahead")
		if _, err = o.VerifyCode(ctx, half(), codeOf(secret.(string), o.now().Add(totpStep)), desk); err != nil {
			t.Fatalf("one step ahead: %v", err)
		}
		o.pass(totpStep)
		_, err = o.VerifyCode(ctx, half(), o.code(id), desk)
		wants(t, err, problem.Unauthenticated, "the step that was taken early")
		o.pass(2 * totpStep)
		if _, err = o.VerifyCode(ctx, half(), codeOf(secret.(string), o.now().Add(-totpStep)), desk); err != nil {
			t.Fatalf("one step behind: %v", err)
		}
	})
}

func TestOneCodeAtOnceOpensOneSession(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		o.pass(time.Minute)
		code := o.code(id)
		tokens := make([]string, 4)
		for i := range tokens {
			e, err := o.enter("mixun", goodPassword)
			o.must(err)
			tokens[i] = e.Token
		}
		var in atomic.Int64
		var all sync.WaitGroup
		for _, token := range tokens {
			all.Go(func() {
				if _, err := o.VerifyCode(context.Background(), token, code, desk); err == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Fatalf("one code opened %d sessions", in.Load())
		}
	})
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id, link := o.invite("mixun", "宓洵", "lawyer")
		e, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		e = o.setUp(e.Token)
		if len(e.Codes) != 10 || e.Stage != Live {
			t.Fatalf("set up: %d codes, %v", len(e.Codes), e.Stage)
		}
		use := func(code string) error {
			e, err := o.enter("mixun", goodPassword)
			o.must(err)
			_, err = o.VerifyCode(ctx, e.Token, code, desk)
			return err
		}
		if err := use(strings.ToLower(strings.ReplaceAll(e.Codes[0], "-", " "))); err != nil {
			t.Fatalf("a recovery code as people type it: %v", err)
		}
		wants(t, use(e.Codes[0]), problem.Unauthenticated, "the same again")
		if err := use(e.Codes[9]); err != nil {
			t.Fatal(err)
		}
		o.join("fuxiaoman", "傅小满", "assistant")
		o.pass(time.Minute)
		fresh, err := o.NewRecoveryCodes(ctx, o.login("fuxiaoman").Token, goodPassword, desk)
		o.must(err)
		wants(t, use(fresh[0]), problem.Unauthenticated, "somebody else's code")
		fresh, err = o.NewRecoveryCodes(ctx, o.login("mixun").Token, goodPassword, desk)
		o.must(err)
		wants(t, use(e.Codes[1]), problem.Unauthenticated, "a code that was replaced")
		if err := use(fresh[3]); err != nil {
			t.Fatal(err)
		}
		if n := o.count(`SELECT COUNT(*) FROM recovery_code WHERE person = $1 AND used = 0`, id); n != 9 {
			t.Fatalf("%d codes are left, want 9", n)
		}
	})
}

// A session that stopped between setting up a factor and coming in sets up no other.
func TestAHalfFinishedSetUpAddsNoFactor(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		id, link := o.invite("mixun", "宓洵", "lawyer")
		e, err := o.Accept(context.Background(), link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		a, err := o.BeginTOTP(context.Background(), e.Token, goodPassword, desk)
		o.must(err)
		_, err = o.exec(`UPDATE person SET status = 'active', sealed_totp = $2 WHERE id = $1`, id, o.seal.totp.Seal(id, randomBytes(totpSecret)))
		o.must(err)
		_, err = o.ConfirmTOTP(context.Background(), e.Token, codeOf(a.Secret, o.now()), desk)
		wants(t, err, problem.Unauthenticated, "another factor")
	})
}

// Who has the password alone may set up the first factor of an account that has none, and no further one.
func TestAPasswordAloneAddsNoFactor(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.join("mixun", "宓洵", "lawyer")
		o.set.SecondFactor = true // the firm asks for one from now on
		o.furnish()
		first, err := o.enter("mixun", goodPassword)
		o.must(err)
		second, err := o.enter("mixun", goodPassword)
		o.must(err)
		if first.Stage != NeedSetUp || second.Stage != NeedSetUp {
			t.Fatalf("stages %v and %v", first.Stage, second.Stage)
		}
		a, err := o.BeginTOTP(ctx, second.Token, goodPassword, desk)
		o.must(err)
		if e := o.setUp(first.Token); e.Stage != Live || len(e.Codes) != 10 {
			t.Fatalf("the first: %v", e.Stage)
		}
		_, err = o.ConfirmTOTP(ctx, second.Token, codeOf(a.Secret, o.now()), desk)
		wants(t, err, problem.Unauthenticated, "another set-up after the first")
		_, err = o.BeginTOTP(ctx, second.Token, goodPassword, desk)
		wants(t, err, problem.Unauthenticated, "beginning another")
	})
}

func TestRemovingFactors(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		o.pass(time.Minute)
		token := o.login("mixun").Token
		for range 2 * maxFailures {
			wants(t, o.RemoveTOTP(ctx, token, goodPassword, desk), problem.Conflict, "the last factor where one is needed")
		}
		if n := o.count(`SELECT COUNT(*) FROM person WHERE id = $1 AND sealed_totp IS NOT NULL`, id); n != 1 {
			t.Fatal("it was removed all the same")
		}
		o.set.SecondFactor = false
		o.furnish()
		o.must(o.RemoveTOTP(ctx, token, goodPassword, desk))
		if e, err := o.enter("mixun", goodPassword); err != nil || e.Stage != Live {
			t.Fatalf("without a factor: %v, %v", e.Stage, err)
		}
		if n := o.count(`SELECT COUNT(*) FROM recovery_code WHERE person = $1`, id); n != 0 {
			t.Fatalf("%d recovery codes recover nothing", n)
		}
	})
}

// A factor that somebody set up is asked for even where the firm needs none.
func TestAFactorThatIsThereIsAskedFor(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		e := o.setUp(o.login("mixun").Token)
		if e.Stage != Live || len(e.Codes) != 10 || !e.Factors.TOTP {
			t.Fatalf("set up in a live session: %+v", e)
		}
		if _, _, err := o.authenticate(e.Token); err != nil {
			t.Fatalf("the live session went on under another cookie: %v", err)
		}
		if e, err := o.enter("mixun", goodPassword); err != nil || e.Stage != NeedFactor {
			t.Fatalf("next log-in: %v, %v", e.Stage, err)
		}
		if !hasNote(o.entries(ledger.Query{Actor: id}), "added") {
			t.Fatal("the new factor is not recorded as the person's act")
		}
	})
}

func TestTheSecondFactorWaitsTenMinutes(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		e, err := o.enter("mixun", goodPassword)
		o.must(err)
		if _, _, err := o.authenticate(e.Token); err == nil {
			t.Fatal("a half-way session opens pages")
		}
		if got, err := o.Entering(context.Background(), e.Token); err != nil || got.Stage != NeedFactor || !got.Factors.TOTP || got.Person.Name != "宓洵" {
			t.Fatalf("Entering: %+v, %v", got, err)
		}
		o.pass(factorFor)
		_, err = o.VerifyCode(context.Background(), e.Token, o.code(id), desk)
		wants(t, err, problem.Unauthenticated, "ten minutes later")
	})
}
