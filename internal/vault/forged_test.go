package vault

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"mijuan/internal/problem"
)

// These tests seal what no caller can: forgeries that hold the right key.

func forgingMatter(t *testing.T) (*Keyring, *MatterKey) {
	t.Helper()
	k, _, err := NewKeyring(RootFromPassphrase([]byte("correct horse battery")))
	if err != nil {
		t.Fatal(err)
	}
	sealed, _, err := k.NewMatterKey("m")
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.MatterKey("m", sealed)
	if err != nil {
		t.Fatal(err)
	}
	return k, m
}

// TestAuthenticEmptyLastChunk opens a payload whose last chunk is empty and rightly sealed, as age forbids: two payloads of one
// plaintext would be told apart by nobody.
func TestAuthenticEmptyLastChunk(t *testing.T) {
	_, m := forgingMatter(t)
	o, err := m.NewObject()
	if err != nil {
		t.Fatal(err)
	}
	payload := o.Seal(o.Prefix(), 0, make([]byte, ChunkSize), false)
	nonce := chunkNonce(1, true)
	payload = o.stream().Seal(payload, nonce[:], nil, nil)
	r, err := o.Reader(bytes.NewReader(payload))
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if !problem.Is(err, problem.Damaged) {
		t.Errorf("Reader: %v", err)
	}
	if _, _, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload))); !problem.Is(err, problem.Damaged) {
		t.Errorf("ReaderAt: %v", err)
	}
}

// TestUnreadableIdentityIsNotQuoted opens a matter's identity that is sealed rightly and misspelled.
func TestUnreadableIdentityIsNotQuoted(t *testing.T) {
	k, m := forgingMatter(t)
	identity := m.Identity()
	for _, broken := range []string{"", identity[:len(identity)-1], identity + "Q", strings.ToLower(identity[:40]) + identity[40:], "AGE-SECRET-KEY-1" + identity[20:]} {
		got, err := k.MatterKey("m", k.matterField().SealText("m", broken))
		if !problem.Is(err, problem.Damaged) || got != nil {
			t.Fatalf("%d characters: %v", len(broken), err)
		}
		for said := err; said != nil; said = unwrap(said) {
			if text := strings.ToUpper(said.Error()); strings.Contains(text, identity[24:40]) || len(broken) > 60 && strings.Contains(text, strings.ToUpper(broken[len(broken)-16:])) {
				t.Errorf("the error quotes the identity: %v", said)
			}
		}
	}
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}
