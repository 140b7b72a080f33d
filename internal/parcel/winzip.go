package parcel

import (
	"archive/zip"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"io"
	"math"
	"time"
)

// WinZip's AE-2 with AES-256 (https://www.winzip.com/en/support/aes-encryption/): a file's data are the salt, two bytes by which a
// wrong password is noticed, the ciphertext, and ten bytes of an HMAC over it.
const (
	aeSalt     = 16
	aeVerifier = 2
	aeTag      = 10
	aeKey      = 32
	aeRounds   = 1000 // of PBKDF2; few, and fixed by the format: the strength is the passphrase's
	aeMethod   = 99
	aeExtraID  = 0x9901

	flagEncrypted  = 0x1
	flagDescriptor = 0x8
	needsAES       = 51 // the version of the zip format that has AES
)

// winZip is a zip whose files are stored and sealed with AE-2.
type winZip struct {
	zip        *zip.Writer
	passphrase string
	last       *aeWriter
}

func newWinZip(w io.Writer, passphrase string) (*winZip, error) {
	return &winZip{zip: zip.NewWriter(w), passphrase: passphrase}, nil
}

func (z *winZip) create(name string, size int64, made time.Time) (io.Writer, error) {
	if err := z.settle(); err != nil {
		return nil, err
	}
	sealed := uint64(size) + aeSalt + aeVerifier + aeTag
	h := &zip.FileHeader{Name: name, Method: aeMethod, Flags: flagEncrypted, ReaderVersion: needsAES, CreatorVersion: needsAES, UncompressedSize64: uint64(size), CompressedSize64: sealed, Extra: aeExtra()}
	if sealed >= math.MaxUint32 {
		h.Flags |= flagDescriptor // the local header has no room for the sizes: they follow the data
	}
	//lint:ignore SA1019 CreateRaw takes the old fields only
	h.SetModTime(made)
	w, err := z.zip.CreateRaw(h)
	if err != nil {
		return nil, err
	}
	z.last, err = newAEWriter(w, z.passphrase)
	return z.last, err
}

// settle ends the file that was written last with its tag.
func (z *winZip) settle() error {
	if z.last == nil {
		return nil
	}
	last := z.last
	z.last = nil
	return last.end()
}

func (z *winZip) Close() error {
	if err := z.settle(); err != nil {
		return err
	}
	return z.zip.Close()
}

// aeExtra tells readers how the file is sealed: AE-2, by "AE", with AES-256, and stored.
func aeExtra() []byte {
	return []byte{aeExtraID & 0xff, aeExtraID >> 8, 7, 0, 2, 0, 'A', 'E', 3, byte(zip.Store), byte(zip.Store >> 8)}
}

// aeWriter seals the data of one file.
type aeWriter struct {
	w      io.Writer
	stream cipher.Stream
	mac    hash.Hash
	buf    []byte
}

func newAEWriter(w io.Writer, passphrase string) (*aeWriter, error) {
	salt := make([]byte, aeSalt)
	rand.Read(salt)
	return newAEWriterSalted(w, passphrase, salt)
}

func newAEWriterSalted(w io.Writer, passphrase string, salt []byte) (*aeWriter, error) {
	keys, err := pbkdf2.Key(sha1.New, passphrase, salt, aeRounds, 2*aeKey+aeVerifier)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(keys[:aeKey])
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(append(append([]byte{}, salt...), keys[2*aeKey:]...)); err != nil {
		return nil, err
	}
	return &aeWriter{w: w, stream: &littleCounter{block: block}, mac: hmac.New(sha1.New, keys[aeKey:2*aeKey]), buf: make([]byte, 64<<10)}, nil
}

func (a *aeWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		part := a.buf[:min(len(p), len(a.buf))]
		a.stream.XORKeyStream(part, p[:len(part)])
		a.mac.Write(part)
		m, err := a.w.Write(part)
		if n += m; err != nil {
			return n, err
		}
		p = p[len(part):]
	}
	return n, nil
}

func (a *aeWriter) end() error {
	_, err := a.w.Write(a.mac.Sum(nil)[:aeTag])
	return err
}

// littleCounter is AES in counter mode as WinZip has it: the counter is little-endian and begins at one.
type littleCounter struct {
	block cipher.Block
	count uint64
	key   []byte // of the stream, what is left
	buf   [512 * aes.BlockSize]byte
}

// XORKeyStream implements cipher.Stream.
func (c *littleCounter) XORKeyStream(dst, src []byte) {
	for len(src) > 0 {
		if len(c.key) == 0 {
			c.fill()
		}
		n := subtle.XORBytes(dst, src[:min(len(src), len(c.key))], c.key)
		dst, src, c.key = dst[n:], src[n:], c.key[n:]
	}
}

func (c *littleCounter) fill() {
	clear(c.buf[:])
	for at := 0; at < len(c.buf); at += aes.BlockSize {
		c.count++
		binary.LittleEndian.PutUint64(c.buf[at:], c.count)
		c.block.Encrypt(c.buf[at:], c.buf[at:])
	}
	c.key = c.buf[:]
}
