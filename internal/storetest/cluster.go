package storetest

import (
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
)

// The private server lives in one directory a user:
//
//	users    every test process holds a shared lock on it while it runs; who holds it alone may stop the server
//	start    held while the server is looked for or started
//	data, socket, log
//
// A keeper (the test program run again) watches users and stops the server when nobody has used it for a while.
const (
	keeperEnv = "MIJUAN_TEST_POSTGRES_KEEPER"
	idleAfter = 30 * time.Second
)

func clusterDir() string {
	return filepath.Join(os.TempDir(), "mijuan-test-pg-"+strconv.Itoa(os.Getuid()))
}

func clusterAddress(dir string) string {
	return "postgres:///postgres?user=postgres&host=" + filepath.Join(dir, "socket")
}

// joinCluster gives the address of the running server, starting it if need be.
func joinCluster() (string, error) {
	bin, err := programs()
	if err != nil {
		return "", err
	}
	dir := clusterDir()
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", err
	}
	start, err := lock(filepath.Join(dir, "start"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer start.Close()
	if users, err = lock(filepath.Join(dir, "users"), syscall.LOCK_SH); err != nil {
		return "", err
	}
	address := clusterAddress(dir)
	if command(address) == nil {
		return address, nil
	}
	return address, startCluster(bin, dir)
}

// users is this process's share in the server; the system lets go of it when the process ends.
//
//lint:ignore U1000 holding the file open is its whole use
var users *os.File

// lock opens and locks a file. The lock goes with the file.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// programs finds the directory of initdb and postgres.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("no initdb in PATH or /usr/lib/postgresql/*/bin")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// startCluster makes a new, empty server in dir and leaves a keeper with it.
func startCluster(bin, dir string) error {
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "socket")
	for _, d := range []string{data, socket} {
		if err := os.RemoveAll(d); err != nil {
			return err
		}
		if err := os.Mkdir(d, 0o700); err != nil {
			return err
		}
	}
	as, err := serverUser(data, socket)
	if err != nil {
		return err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.Dir, initdb.SysProcAttr = data, &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	postgres := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", socket, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB", "-c", "autovacuum=off")
	postgres.Dir, postgres.Stdout, postgres.Stderr = data, log, log
	postgres.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setsid: true}
	if err := postgres.Start(); err != nil {
		return err
	}
	if err := awaitCluster(dir); err != nil {
		return err
	}
	return startKeeper(dir, postgres.Process.Pid)
}

func awaitCluster(dir string) (err error) {
	for range 300 {
		if err = command(clusterAddress(dir)); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("the server in %s does not answer: %w", dir, err)
}

// serverUser is who the server runs as: it refuses root, so that root lends it to another and gives the directories away.
func serverUser(dirs ...string) (*syscall.Credential, error) {
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
		if err := os.Chown(d, uid, gid); err != nil {
			return nil, err
		}
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
