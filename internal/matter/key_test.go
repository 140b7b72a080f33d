package matter

import (
	"errors"
	"fmt"
	"testing"

	"mijuan/internal/vault"
)

// TestOpenedKeys shows that a kept key counts only beside the sealed key it came from, and that not more are kept than wanted.
func TestOpenedKeys(t *testing.T) {
	var o opened
	times := 0
	open := func(id, sealed string) *vault.MatterKey {
		key, err := o.key(id, sealed, func() (*vault.MatterKey, error) { times++; return &vault.MatterKey{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first := open("a", "sealed")
	if open("a", "sealed") != first || times != 1 {
		t.Errorf("a key that is open was opened again: %d times", times)
	}
	if open("a", "sealed anew") == first || open("b", "sealed") == first {
		t.Error("a key serves another sealed one")
	}
	broken := errors.New("broken")
	if _, err := o.key("a", "", func() (*vault.MatterKey, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("a destroyed key: %v", err)
	}
	for i := range 3 * mostOpened {
		open(fmt.Sprint(i), "sealed")
	}
	if len(o.keys) > mostOpened {
		t.Errorf("%d keys are kept", len(o.keys))
	}
}
