package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"mijuan/internal/house"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// place is the flags that say where a firm's house stands. Where --data is not given the environment says it (MIJUAN_DATA, MIJUAN_ROOT_KEY,
// MIJUAN_DATABASE, MIJUAN_BUCKET): the addresses of the database and the bucket hold secrets, which who lists the processes must not read.
type place struct {
	data, rootKey, database, bucket, office, tsa string
	scans                                        string
	witnesses                                    []ledger.Witness
	outside                                      outside
	scanning                                     scanning
	fromEnv                                      bool
	fs                                           *flag.FlagSet
}

// privateNetworks are taken for the firm's own unless it says otherwise.
const privateNetworks = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"

func newPlace(t terminal, name string) *place {
	p := &place{fs: flag.NewFlagSet(name, flag.ContinueOnError)}
	p.fs.SetOutput(t.err)
	p.fs.StringVar(&p.data, "data", "", "data `directory` of the firm")
	p.fs.StringVar(&p.rootKey, "root-key", "", "`file` with the root key: a passphrase of 16 characters or more, or 64 hexadecimal digits")
	p.fs.StringVar(&p.database, "database", "", "PostgreSQL `URL`; without it SQLite in the data directory")
	p.fs.StringVar(&p.bucket, "bucket", "", "S3 `URL` s3://key:secret@host/bucket; without it a directory in the data directory")
	p.fs.StringVar(&p.office, "office", privateNetworks, "comma-separated `networks` that are the firm's own")
	p.fs.StringVar(&p.tsa, "tsa", "", "`URL` of a time-stamping authority (RFC 3161) that stamps what people sign")
	p.fs.StringVar(&p.scans, "scan-folder", "", "`directory` with a directory for each scanner, named by its number (SB-0003), in which it leaves its files")
	p.outside.define(p.fs)
	p.scanning.define(p.fs)
	p.fs.Func("witness", "`URL+KEY` of a C2SP witness that cosigns the ledger's checkpoints; may be repeated", p.addWitness)
	return p
}

func (p *place) addWitness(s string) error {
	w, err := ledger.ParseWitness(s)
	p.witnesses = append(p.witnesses, w)
	return err
}

// parse reads the flags and the wanted number of further arguments.
func (p *place) parse(args []string, rest int) error {
	if err := p.fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil { // which the flag set has told already
		return errUsage
	}
	if p.data == "" { // a firm that the flags name has nothing of the one in the environment
		p.data, p.fromEnv = os.Getenv("MIJUAN_DATA"), true
	}
	if p.fromEnv {
		p.rootKey = cmp.Or(p.rootKey, os.Getenv("MIJUAN_ROOT_KEY"))
	}
	if p.data == "" || p.fs.NArg() != rest {
		return errUsage
	}
	return nil
}

func (p *place) settings() (house.Settings, error) {
	if p.fromEnv {
		p.database, p.bucket = cmp.Or(p.database, os.Getenv("MIJUAN_DATABASE")), cmp.Or(p.bucket, os.Getenv("MIJUAN_BUCKET"))
	}
	s := house.Settings{Data: p.data, Database: p.database, Bucket: p.bucket, Witnesses: p.witnesses, TSA: p.tsa, Scans: p.scans}
	if p.rootKey == "" {
		return s, errUsage
	}
	if u, err := url.Parse(p.tsa); p.tsa != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return s, problem.New(problem.Invalid, "时间戳服务的地址不对：%s", p.tsa)
	}
	if err := p.outside.settings(&s); err != nil {
		return s, err
	}
	if err := p.scanning.settings(&s); err != nil {
		return s, err
	}
	var err error
	if s.Office, err = p.networks(); err != nil {
		return s, err
	}
	s.Root, err = vault.RootFromFile(p.rootKey)
	return s, err
}

// networks are the firm's own.
func (p *place) networks() (all []netip.Prefix, err error) {
	for n := range strings.SplitSeq(p.office, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(n))
		if err != nil {
			return nil, problem.New(problem.Invalid, "不是网段：%s", n).Because(err)
		}
		all = append(all, prefix)
	}
	return all, nil
}

// enter opens the house that the flags name.
func (p *place) enter(ctx context.Context) (*house.House, error) {
	s, err := p.settings()
	if err != nil {
		return nil, err
	}
	return house.Open(ctx, s)
}
