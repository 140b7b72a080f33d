package house_test

import (
	"context"
	"strings"
	"testing"

	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
)

func TestName(t *testing.T) {
	s := housetest.Settings(t)
	h, err := house.Create(t.Context(), s)
	housetest.Must(t, err)
	is := func(h *house.House, want string) {
		t.Helper()
		if name, err := h.Name(context.Background()); err != nil || name != want {
			t.Errorf("the firm is %q, %v; want %q", name, err, want)
		}
	}
	is(h, "")
	for _, bad := range []string{"", "  ", "一\n二", strings.Repeat("长", 61)} {
		if err := h.SetName(t.Context(), bad); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	housetest.Must(t, h.SetName(t.Context(), "旧名律师事务所"))
	housetest.Must(t, h.SetName(t.Context(), " 江澜衡砚律师事务所 "))
	is(h, "江澜衡砚律师事务所")
	housetest.Must(t, h.Close())
	h, err = house.Open(t.Context(), s)
	housetest.Must(t, err)
	defer h.Close()
	is(h, "江澜衡砚律师事务所")
}
