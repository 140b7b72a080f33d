package house

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// manifestFile lists a backup's files with their hashes and is signed by the firm's ledger key: the database's encryption hides
// but does not authenticate.
const manifestFile = "manifest.json"

type manifest struct {
	Format    string            `json:"format"` // "mijuan-backup/1"
	Files     map[string]string `json:"files"`  // path → SHA-256, hexadecimal
	Key       string            `json:"key"`    // Ed25519 public key, base64
	Signature string            `json:"signature"`
}

const backupFormat = "mijuan-backup/1"

// signed is the text that the signature covers.
func (m manifest) signed() []byte {
	lines := []string{backupFormat}
	for path, sum := range m.Files {
		lines = append(lines, sum+" "+path)
	}
	slices.Sort(lines[1:])
	return []byte(strings.Join(lines, "\n") + "\n")
}

// Backup closes the house and copies its sealed data to a new directory. It is for the embedded engine with nobody else at
// work; with PostgreSQL and S3 their own tools take the copies.
func (h *House) Backup(ctx context.Context, out string, progress func(done, total uint64)) error {
	if h.Settings.Database != "" || h.Settings.Bucket != "" {
		return problem.New(problem.Invalid, "使用 PostgreSQL 或 S3 时，请用 pg_dump 和存储桶自身的工具备份，并另存根密钥")
	}
	if err := h.recordAtConsole(ctx, "backup"); err != nil {
		return err
	}
	key := ed25519.NewKeyFromSeed(h.Keys.LedgerSeed())
	if err := h.Close(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(h.Settings.Data, databaseFile+"-wal")); err == nil {
		return problem.New(problem.Conflict, "数据库正在使用，请先停止 mijuan serve 再备份")
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return problem.New(problem.Conflict, "%s 不是空目录", out)
	}
	paths, err := sealedFiles(h.Settings.Data)
	if err != nil {
		return err
	}
	m := manifest{Format: backupFormat, Files: map[string]string{}, Key: base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))}
	for i, path := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.Files[path], err = copyFile(filepath.Join(h.Settings.Data, path), filepath.Join(out, path)); err != nil {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		progress(uint64(i+1), uint64(len(paths)))
	}
	m.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, m.signed()))
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeDurably(filepath.Join(out, manifestFile), raw)
}

// sealedFiles are what a backup holds: keyring, database, objects, and the firm's own rules.
func sealedFiles(data string) (paths []string, err error) {
	for _, top := range []string{keyringFile, databaseFile, objectsDir, policyDir} {
		err := filepath.WalkDir(filepath.Join(data, top), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && top == policyDir {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(data, path)
			paths = append(paths, filepath.ToSlash(rel))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// copyFile copies durably and gives the SHA-256.
func copyFile(from, to string) (sum string, err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	src, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	w := bufio.NewWriterSize(dst, 1<<20)
	_, err = io.Copy(io.MultiWriter(w, hash), src)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, w.Flush(), dst.Sync(), dst.Close())
}

// Restore makes a data directory from a backup: every file is held against the manifest, the manifest against the firm's own key,
// which the root key opens. A backup that differs in one byte is refused and nothing is left.
func Restore(ctx context.Context, s Settings, in string, progress func(done, total uint64)) (err error) {
	if entries, err := os.ReadDir(s.Data); err == nil && len(entries) > 0 {
		return problem.New(problem.Conflict, "%s 不是空目录", s.Data)
	}
	m, err := readManifest(filepath.Join(in, manifestFile))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.Data))
		}
	}()
	done := uint64(0)
	for path, want := range m.Files {
		if !fs.ValidPath(path) {
			return damagedBackup(path)
		}
		sum, err := copyFile(filepath.Join(in, path), filepath.Join(s.Data, path))
		if err != nil {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		if sum != want {
			return damagedBackup(path)
		}
		done++
		progress(done, uint64(len(m.Files)))
	}
	h, err := Open(ctx, s)
	if err != nil {
		return err
	}
	public := ed25519.NewKeyFromSeed(h.Keys.LedgerSeed()).Public().(ed25519.PublicKey)
	signature, derr := base64.StdEncoding.DecodeString(m.Signature)
	if derr != nil || !ed25519.Verify(public, m.signed(), signature) {
		return errors.Join(damagedBackup(manifestFile), h.Close())
	}
	return errors.Join(h.recordAtConsole(ctx, "restored"), h.Close())
}

// recordAtConsole puts on record what the operator does with the whole of the data.
func (h *House) recordAtConsole(ctx context.Context, what string) error {
	return h.Door.Do(ctx, guard.Who{Via: guard.CLI}, access.ManageSystem, guard.Firm, func(g *guard.Grant) error {
		g.Note(what, true)
		return nil
	})
}

func readManifest(path string) (m manifest, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return m, problem.New(problem.Absent, "这里没有备份清单").Because(err)
	}
	if err := json.Unmarshal(raw, &m); err != nil || m.Format != backupFormat {
		return m, damagedBackup(manifestFile)
	}
	return m, nil
}

func damagedBackup(path string) error {
	return problem.New(problem.Damaged, "备份与清单不符：%s。没有恢复任何内容", path)
}
