package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"mijuan/internal/store"
)

// server is a running PostgreSQL. The zero value is none.
type server struct {
	url  string
	stop func() error
}

func (s server) end() error {
	if s.stop == nil {
		return nil
	}
	return s.stop()
}

// errNone says that the machine has no PostgreSQL.
var errNone = errors.New("there is no PostgreSQL here")

// postgresDir is where the server's user can reach what is kept for the next run.
var postgresDir = filepath.Join("/var/tmp", "mijuan-bench-"+strconv.Itoa(os.Getuid()))

// ownPostgres starts a server of its own, which syncs what it commits, with settings as they come but more memory; an empty one when
// asked for a fresh one.
func ownPostgres(ctx context.Context, fresh bool) (server, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return server{}, err
	}
	data, socket := filepath.Join(postgresDir, "data"), filepath.Join(postgresDir, "socket")
	if fresh {
		if err := os.RemoveAll(data); err != nil {
			return server{}, err
		}
	}
	for _, d := range []string{postgresDir, data, socket} {
		if err := os.MkdirAll(d, 0o711); err != nil {
			return server{}, err
		}
	}
	as, err := another(data, socket)
	if err != nil {
		return server{}, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir, c.SysProcAttr = data, &syscall.SysProcAttr{Credential: as}
		return c
	}
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err != nil {
		if out, err := command("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
			return server{}, fmt.Errorf("initdb: %w: %s", err, out)
		}
	}
	log, err := os.Create(filepath.Join(postgresDir, "log"))
	if err != nil {
		return server{}, err
	}
	defer log.Close()
	c := command("postgres", "-D", data, "-k", socket, "-c", "listen_addresses=", "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB")
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		return server{}, err
	}
	s := server{url: "postgres:///postgres?user=postgres&host=" + socket, stop: func() error { return stop(c) }}
	return s, s.await(ctx)
}

// await waits until the server answers.
func (s server) await(ctx context.Context) (err error) {
	for range 600 {
		var db *store.DB
		if db, err = store.Open(ctx, store.Options{URL: s.url}); err == nil {
			return db.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.Join(err, s.end())
}

func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errNone
	}
	return filepath.Dir(slices.Max(found)), nil
}

// another is who the server runs as: it refuses root, so that root lends it to another and gives the directories away.
func another(dirs ...string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, d := range dirs {
		if err := errors.Join(os.Chown(d, uid, gid), os.Chmod(d, 0o700)); err != nil {
			return nil, err
		}
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
