package ledger

import (
	"golang.org/x/mod/sumdb/note"

	"mijuan/internal/problem"
)

// heads verifies checkpoints by the ledger's key, with the cosignatures on them.
type heads struct {
	key      note.Verifier
	known    []note.Verifier // witnesses whose signatures are checked where they appear
	required []string        // names of witnesses who must have cosigned
	all      []checkpoint
	cosigned map[string]uint64 // by witness: the size of the largest tree that it signed
}

// newHeads takes the remembered checkpoints first. One that the ledger never signed proves nothing and is the caller's mistake.
func newHeads(key string, known []string, trust Trust) (*heads, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, problem.New(problem.Invalid, "台账公钥的格式不对").Because(err)
	}
	h := &heads{key: verifier, cosigned: map[string]uint64{}}
	for _, vkey := range trust.Witnesses {
		w, err := parseCosigner(vkey)
		if err != nil {
			return nil, problem.New(problem.Invalid, "见证方公钥的格式不对").Because(err)
		}
		h.required = append(h.required, w.name)
	}
	if err := h.know(append(known, trust.Witnesses...)); err != nil {
		return nil, problem.New(problem.Invalid, "见证方公钥的格式不对").Because(err)
	}
	for _, msg := range trust.Checkpoints {
		if _, _, err := h.add(msg); err != nil {
			return nil, problem.New(problem.Invalid, "用来对照的检查点不是这个台账签名的").Because(err)
		}
	}
	return h, nil
}

func (h *heads) know(vkeys []string) error {
	seen := map[string]bool{}
	for _, vkey := range vkeys {
		w, err := parseCosigner(vkey)
		if err != nil {
			return err
		}
		if !seen[vkey] {
			h.known = append(h.known, w)
		}
		seen[vkey] = true
	}
	return nil
}

// add verifies a checkpoint; the tree will be compared with it.
func (h *heads) add(msg []byte) (checkpoint, *note.Note, error) {
	c, n, err := openCheckpoint(msg, h.key, h.known...)
	if err != nil {
		return c, nil, err
	}
	h.all = append(h.all, c)
	for _, w := range h.known {
		if signedBy(n, w) {
			h.cosigned[w.Name()] = max(h.cosigned[w.Name()], uint64(c.size))
		}
	}
	return c, n, nil
}

// addCosigned verifies a checkpoint on which the witness's signature must be.
func (h *heads) addCosigned(msg []byte, witness string) (checkpoint, bool) {
	c, n, err := h.add(msg)
	if err != nil {
		return c, false
	}
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		if s.Name == witness {
			return c, true
		}
	}
	return c, false
}

// absent is the name of a required witness who has signed nothing, or "".
func (h *heads) absent() string {
	for _, name := range h.required {
		if _, ok := h.cosigned[name]; !ok {
			return name
		}
	}
	return ""
}
