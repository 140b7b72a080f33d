package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"

	"mijuan/internal/problem"
)

// explain gives a failure of the engine its kind: Unavailable when trying later may help, Damaged when stored bytes are
// wrong. What is left (a violated constraint, a wrong statement) stays internal.
func explain(err error) error {
	if err == nil || problem.KindOf(err) != 0 {
		return err
	}
	var code sqlite3.ErrorCode
	var server *pgconn.PgError
	switch {
	case errors.As(err, &code):
		return explainSQLite(code, err)
	case errors.As(err, &server):
		return explainPostgres(server.Code, err)
	case errors.Is(err, context.DeadlineExceeded), disconnected(err):
		return away(err)
	}
	return err
}

func away(err error) error {
	return problem.New(problem.Unavailable, "数据库暂时不可用，请稍后重试").Because(err)
}

func full(err error) error {
	return problem.New(problem.Unavailable, "存储空间已满；这次没有保存，请联系系统管理员").Because(err)
}

func damaged(err error) error {
	return problem.New(problem.Damaged, "数据库文件已损坏，请联系系统管理员从备份恢复").Because(err)
}

func explainSQLite(code sqlite3.ErrorCode, err error) error {
	switch code {
	case sqlite3.FULL:
		return full(err)
	case sqlite3.NOTADB:
		return problem.New(problem.Damaged, "数据库打不开：密钥不对，或者文件已损坏").Because(err)
	case sqlite3.CORRUPT:
		return damaged(err)
	case sqlite3.IOERR:
		return explainIO(err)
	case sqlite3.INTERRUPT:
		if errors.Is(err, context.Canceled) {
			return err // the caller has gone away
		}
		return away(err)
	case sqlite3.BUSY, sqlite3.LOCKED, sqlite3.CANTOPEN, sqlite3.READONLY, sqlite3.PROTOCOL, sqlite3.NOMEM:
		return away(err)
	}
	return err
}

// explainIO reads SQLite's extended codes. The file layer answers a full disk with the same code as a failing one.
func explainIO(err error) error {
	var code sqlite3.ExtendedErrorCode
	errors.As(err, &code)
	switch code {
	case sqlite3.IOERR_DATA, sqlite3.IOERR_SHORT_READ:
		return damaged(err)
	case sqlite3.IOERR_WRITE, sqlite3.IOERR_TRUNCATE, sqlite3.IOERR_SHMSIZE:
		return problem.New(problem.Unavailable, "写入磁盘失败，可能是存储空间已满；这次没有保存，请联系系统管理员").Because(err)
	}
	return away(err)
}

// explainPostgres reads the SQLSTATE (PostgreSQL manual, appendix A).
func explainPostgres(state string, err error) error {
	switch state {
	case "53100": // disk_full
		return full(err)
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return damaged(err)
	case "55P03", "25P04", "25006": // lock not available; idle too long; a standby that takes no writes
		return away(err)
	}
	switch state[:min(2, len(state))] {
	case "08", "28", "3D", "40", "53", "57", "58": // connection, login, no such database, rollback, resources, operator, system
		return away(err)
	}
	return err
}

// disconnected reports whether the connection is to blame.
func disconnected(err error) bool {
	var network net.Error
	var refused *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &refused) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Taken reports whether err is the violation of a unique constraint: somebody has that name, number or id already. The
// transaction needs a rollback all the same, so the statement stands in a Savepoint of its own.
func Taken(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code == "23505"
	}
	return errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) || errors.Is(err, sqlite3.CONSTRAINT_PRIMARYKEY)
}
