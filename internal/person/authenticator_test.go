package person

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// stick is an authenticator in software: one ES256 key, as a security key or a phone holds it (WebAuthn level 2, 6.1–6.5).
type stick struct {
	t        testing.TB
	id       []byte
	key      *ecdsa.PrivateKey
	user     []byte // the handle, where the key is discoverable
	count    uint32
	origin   string
	verified bool // checks who holds it: a fingerprint, a code
	frozen   bool // does not count its uses
}

func newStick(t testing.TB, origin string, verified bool) *stick {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &stick{t: t, id: randomBytes(32), key: key, origin: origin, verified: verified}
}

func (s *stick) encode(v []byte, err error) []byte {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

var b64 = base64.RawURLEncoding

// asked is what an authenticator reads of a challenge.
type asked struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		UserVerification string `json:"userVerification"`
		AllowCredentials []struct {
			ID string `json:"id"`
		} `json:"allowCredentials"`
		ExcludeCredentials []struct {
			ID string `json:"id"`
		} `json:"excludeCredentials"`
	} `json:"publicKey"`
}

func (s *stick) read(c Ceremony) asked {
	s.t.Helper()
	var a asked
	if err := json.Unmarshal(c.Options, &a); err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *stick) clientData(kind, challenge string) []byte {
	return s.encode(json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": s.origin, "crossOrigin": false}))
}

// data is the authenticator data; a new key goes with it.
func (s *stick) data(rp string, fresh bool) []byte {
	hash := sha256.Sum256([]byte(rp))
	flags := byte(0x01)
	if s.verified {
		flags |= 0x04
	}
	if fresh {
		flags |= 0x40
	}
	if s.count++; s.frozen {
		s.count = 0
	}
	out := binary.BigEndian.AppendUint32(append(hash[:], flags), s.count)
	if !fresh {
		return out
	}
	out = append(out, make([]byte, 16)...) // AAGUID
	out = append(binary.BigEndian.AppendUint16(out, uint16(len(s.id))), s.id...)
	point, err := s.key.PublicKey.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	key := s.encode(cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}))
	return append(out, key...)
}

// create answers a registration.
func (s *stick) create(c Ceremony) []byte {
	s.t.Helper()
	a := s.read(c)
	handle, err := b64.DecodeString(a.PublicKey.User.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	s.user = handle
	object := s.encode(cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": s.data(a.PublicKey.RP.ID, true)}))
	return s.answer(map[string]any{"attestationObject": b64.EncodeToString(object),
		"clientDataJSON": b64.EncodeToString(s.clientData("webauthn.create", a.PublicKey.Challenge))})
}

// get answers a log-in.
func (s *stick) get(c Ceremony) []byte {
	s.t.Helper()
	a := s.read(c)
	client := s.clientData("webauthn.get", a.PublicKey.Challenge)
	data := s.data(a.PublicKey.RPID, false)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature := s.encode(ecdsa.SignASN1(rand.Reader, s.key, digest[:]))
	response := map[string]any{"authenticatorData": b64.EncodeToString(data), "clientDataJSON": b64.EncodeToString(client),
		"signature": b64.EncodeToString(signature)}
	if len(a.PublicKey.AllowCredentials) == 0 {
		response["userHandle"] = b64.EncodeToString(s.user)
	}
	return s.answer(response)
}

func (s *stick) answer(response map[string]any) []byte {
	return s.encode(json.Marshal(map[string]any{"id": b64.EncodeToString(s.id), "rawId": b64.EncodeToString(s.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{}}))
}
