package person

import (
	"context"
	"strings"
	"testing"

	"mijuan/internal/store"
)

func TestPasswordRule(t *testing.T) {
	rule := PasswordRule{}.filled()
	for _, c := range []struct {
		password string
		fine     bool
	}{
		{"Aa3-xyq", false},         // 7
		{"Aa3-xyqv", true},         // 8 of four classes
		{"aa3xyqvw", false},        // 8 of two
		{"Aa3xyqvw", true},         // 8 of three
		{"correcthor", false},      // 10 of one
		{"correcthorse", true},     // 12 of one
		{"马到成功Aa1马", true},         // 8 of three
		{"不许乱动我的文件柜钥匙呀", true},     // 12 of one
		{"Password1!", false},      // common
		{"P@ssw0rd2026", false},    // common, with signs for letters and figures behind
		{"Admin123456!", false},    // common
		{"Qwerty!2345", false},     // common
		{"mijuan-20260302", false}, // the product's own name
		{"aaaaaaaaaaaa", false},    // a row
		{"123456789012", false},    // a row
		{"Abcdefgh-123", false},    // a row
		{"Lantern-mixun-7", false}, // the login
		{"LanternMIXUN77", false},  // in capitals
		{strings.Repeat("长密码x", 50), true},
		{strings.Repeat("长密码x", 51), false},
	} {
		err := rule.check(c.password, "mixun")
		if (err == nil) != c.fine {
			t.Errorf("%q: %v", c.password, err)
		}
	}
}

func TestHashes(t *testing.T) {
	phc := quick.hash("马到成功Aa1")
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(phc)
	}
	for _, c := range []struct {
		phc, password string
		want          bool
	}{
		{phc, "马到成功Aa1", true}, {phc, "马到成功Ａａ１", true}, {phc, "马到成功Aa2", false}, {phc, "", false},
		{"", "", false}, {"$argon2id$v=19$m=64,t=1,p=1$$", "", false}, {"$argon2i$" + phc[10:], "马到成功Aa1", false},
		{strings.Replace(phc, "t=1", "t=0", 1), "马到成功Aa1", false}, {strings.Replace(phc, "v=19", "v=16", 1), "马到成功Aa1", false},
		{phc[:len(phc)-1] + "!", "马到成功Aa1", false},
	} {
		if matches(c.phc, c.password) != c.want {
			t.Errorf("%q against %q: want %v", c.password, c.phc, c.want)
		}
	}
	if phc == quick.hash("马到成功Aa1") {
		t.Fatal("two hashes of one password are equal")
	}
}

func TestTheUsualCost(t *testing.T) {
	phc := Settings{}.filled().Cost.hash(goodPassword)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=65536,t=3,p=1$") || !matches(phc, goodPassword) {
		t.Fatal(phc)
	}
}

func TestAPasswordIsHashedAnewAtAnotherCost(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		stored := func() (phc string, set int64) {
			o.must(o.db.Read(context.Background(), func(tx *store.Tx) error {
				a, err := o.accountByID(tx, id)
				if err != nil {
					return err
				}
				set = a.passwordSet
				phc, err = o.phc(a)
				return err
			}))
			return phc, set
		}
		before, set := stored()
		o.set.Cost = Cost{Time: 2, Memory: 128, Lanes: 1}
		o.furnish()
		o.pass(1)
		o.fails("mixun", 1)
		if now, _ := stored(); now != before {
			t.Fatal("a wrong password changed the hash")
		}
		o.login("mixun")
		now, setNow := stored()
		if !strings.HasPrefix(now, "$argon2id$v=19$m=128,t=2,p=1$") || setNow != set {
			t.Fatalf("after a log-in: %s, set at %d and %d", now, set, setNow)
		}
		o.login("mixun")
		if again, _ := stored(); again != now {
			t.Fatal("hashed anew without need")
		}
	})
}
