// Package house puts the parts together: it opens a firm's data directory (or its database and bucket) with the root key and
// gives the rooms, wired to the one door. The command line, the tests' running office and the benchmarks all open the house
// here, so that there is one wiring.
package house

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/antivirus"
	"mijuan/internal/approval"
	"mijuan/internal/audit"
	"mijuan/internal/blob"
	"mijuan/internal/carrier"
	"mijuan/internal/continuing"
	"mijuan/internal/criteria"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/incident"
	"mijuan/internal/knower"
	"mijuan/internal/leaving"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/media"
	"mijuan/internal/meeting"
	"mijuan/internal/notice"
	"mijuan/internal/output"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/retention"
	"mijuan/internal/rights"
	"mijuan/internal/schema"
	"mijuan/internal/signon"
	"mijuan/internal/stocktaking"
	"mijuan/internal/store"
	"mijuan/internal/teamreview"
	"mijuan/internal/training"
	"mijuan/internal/vault"
	"mijuan/internal/viewing"
)

// Settings say where a firm's house stands.
type Settings struct {
	Data         string                   // directory; holds keyring, database and objects unless the next two say otherwise
	Root         *vault.Root              // the root key
	Database     string                   // postgres://…; empty: SQLite in Data
	Bucket       string                   // s3://…; empty: a directory in Data
	Origin       string                   // name of the ledger; empty: "mijuan"
	Witnesses    []ledger.Witness         // who cosigns the ledger's checkpoints while the firm is served
	Clamd        *antivirus.Scanner       // the virus scanner; nil: none, and nothing is exported to removable media
	TSA          string                   // address of a time-stamping authority (RFC 3161) for what people sign; empty: none
	LDAP         *signon.LDAPSettings     // the directory that proves passwords; nil: none
	OIDC         *signon.OIDCSettings     // the OpenID provider that proves who somebody is, without addresses to come back to; nil: none
	Office       []netip.Prefix           // the firm's own networks
	Hosts        []string                 // names under which browsers reach the firm; the first is the passkeys' relying party
	Port         string                   // of the address in the browser, if not 443
	Hashing      person.Cost              // of passwords; zero: the usual
	SecondFactor bool                     // log-ins need a second factor; the demonstration firm does without
	Worker       []string                 // command that runs a render worker; empty: this program with render-worker
	Cache        string                   // directory of the renderer's compiled code; empty: in Data
	Workers      int                      // render workers; 0: one a processor
	Scans        string                   // folder with a folder for each scanner; empty: none
	Printing     output.Patience          // with printers; zero: the usual
	Now          func() time.Time         // the clock; nil: time.Now
	recovering   bool                     // the rules and what people signed may be damaged
	Fault        func(point string) error // crash tests: asked around every durable write; an error fails it there
}

// House is an open firm.
type House struct {
	Settings    Settings
	Keys        *vault.Keyring
	DB          *store.DB
	Blobs       blob.Store
	Ledger      *ledger.Ledger
	Rules       *access.Rules
	Door        *guard.Door
	Pages       *render.Pool
	People      *person.Roster
	Matters     *matter.Book
	Shelf       *material.Shelf
	Approvals   *approval.Room
	Carriers    *carrier.Cabinet
	Knowers     *knower.Room
	Incidents   *incident.Room
	Dangers     *danger.Room
	Devices     *device.Register
	Media       *media.Room
	Stock       *stocktaking.Room
	Meetings    *meeting.Room
	Output      *output.Room
	TeamReviews *teamreview.Room
	Viewing     *viewing.Room
	Training    *training.School
	Audit       *audit.Reader
	Hand        *hand.Desk
	Pledges     *pledge.Room
	Criteria    *criteria.Room
	Leaving     *leaving.Room
	Rights      *rights.Room
	Measures    *accountability.Room
	Duty        *continuing.Room
	Directory   *directory.Room
	Retention   *retention.Room
	Notices     *notice.Room
	Provider    *signon.OIDC // nil: none
}

const (
	keyringFile  = "keyring.json"
	objectsDir   = "objects"
	cacheDir     = "cache"
	policyDir    = "policy"
	databaseFile = "mijuan.db"
)

// Exists reports whether the data directory already holds a firm.
func Exists(data string) bool {
	_, err := os.Stat(filepath.Join(data, keyringFile))
	return err == nil
}

// Create makes an empty firm and opens it. A place that already holds one is a problem.
func Create(ctx context.Context, s Settings) (*House, error) {
	if Exists(s.Data) {
		return nil, problem.New(problem.Conflict, "%s 里已经有一家律所的数据", s.Data)
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	keys, sealed, err := vault.NewKeyring(s.Root)
	if err != nil {
		return nil, err
	}
	if s.Database == "" { // a database that nobody has the key of would be left by a crash if it came first
		if err := writeDurably(filepath.Join(s.Data, keyringFile), sealed); err != nil {
			return nil, err
		}
	}
	db, err := s.database(ctx, keys)
	if err != nil {
		return nil, err
	}
	err = db.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`INSERT INTO keyring (id, sealed) VALUES (1, $1) ON CONFLICT DO NOTHING`, string(sealed))
		if err == nil && n == 0 {
			return problem.New(problem.Conflict, "这个数据库里已经有一家律所的数据")
		}
		return err
	})
	if err == nil && s.Database != "" { // here the row comes first: it says which of two that start at once has the firm
		err = writeDurably(filepath.Join(s.Data, keyringFile), sealed)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s.furnish(ctx, keys, db)
}

// Open opens a firm that Create made.
func Open(ctx context.Context, s Settings) (*House, error) {
	keys, err := s.unlock(ctx)
	if err != nil {
		return nil, err
	}
	db, err := s.database(ctx, keys)
	if err != nil {
		return nil, err
	}
	return s.furnish(ctx, keys, db)
}

// unlock opens the keyring: from the data directory, or from the database where several processes share one.
func (s Settings) unlock(ctx context.Context) (*vault.Keyring, error) {
	sealed, err := os.ReadFile(filepath.Join(s.Data, keyringFile))
	if errors.Is(err, fs.ErrNotExist) && s.Database != "" {
		sealed, err = s.sharedKeyring(ctx)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.New(problem.Absent, "%s 里没有律所的数据；先用 mijuan init 建立", s.Data)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	return vault.OpenKeyring(s.Root, sealed)
}

func (s Settings) sharedKeyring(ctx context.Context) ([]byte, error) {
	db, err := store.Open(ctx, store.Options{URL: s.Database})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var sealed string
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		sealed, err = store.Get(tx, func(r store.Row) (s string, err error) { err = r.Scan(&s); return s, err }, `SELECT sealed FROM keyring WHERE id = 1`)
		return err
	})
	return []byte(sealed), err
}

func (s Settings) database(ctx context.Context, keys *vault.Keyring) (*store.DB, error) {
	db, err := store.Open(ctx, store.Options{URL: s.Database, Path: filepath.Join(s.Data, databaseFile), Key: keys.Database(), Now: s.Now, Fault: s.Fault})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, schema.FS); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the database up to date: %w", err), db.Close())
	}
	return db, nil
}

// furnish wires the rooms to the door.
func (s Settings) furnish(ctx context.Context, keys *vault.Keyring, db *store.DB) (_ *House, err error) {
	h := &House{Settings: s, Keys: keys, DB: db}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if h.Blobs, err = s.blobs(ctx); err != nil {
		return nil, err
	}
	if s.Fault != nil {
		h.Blobs = faulty{h.Blobs, s.Fault}
	}
	detail := keys.Field("ledger.detail")
	origin := s.Origin
	if origin == "" {
		origin = "mijuan"
	}
	if h.Ledger, err = ledger.New(db, ledger.Options{Origin: origin, Seed: keys.LedgerSeed(), Seal: detail.Seal, Open: detail.Open, Witnesses: s.Witnesses}); err != nil {
		return nil, err
	}
	if h.Rules, err = s.rules(); err != nil {
		return nil, fmt.Errorf("load the rules: %w", err)
	}
	h.Door = guard.New(guard.Options{DB: db, Ledger: h.Ledger, Rules: h.Rules, Office: s.office})
	if h.Pages, err = s.renderers(); err != nil {
		return nil, err
	}
	h.Matters = matter.New(keys)
	if h.People, err = person.New(db, h.Door, keys, person.Settings{SecondFactor: s.SecondFactor, Hosts: s.Hosts, Port: s.Port, Cost: s.Hashing}); err != nil {
		return nil, err
	}
	if err := h.askOutside(); err != nil {
		return nil, err
	}
	h.Training = training.New(h.People, func() []access.Clause { return h.Door.Rules().Clauses() }, keys)
	h.Audit = audit.New(db, h.Door, h.Ledger, h.Labels)
	h.Door.Persons(h.People.Principal)
	h.Door.Register(access.Matter, h.Matters.Load)
	h.TeamReviews = teamreview.New(keys, h.People, h.Matters)
	h.Devices = device.New(keys, h.People)
	h.Dangers = danger.New(keys, h.Devices)
	h.Door.Register(access.Danger, h.Dangers.Load)
	h.Approvals = approval.New(keys, h.People)
	h.Door.Register(access.Approval, h.Approvals.Load)
	h.Door.Permits(h.Approvals.Find, h.Approvals.Use)
	h.Incidents = incident.New(keys)
	h.Door.Register(access.Incident, h.Incidents.Load)
	h.Knowers = knower.New(keys)
	h.Carriers = carrier.New(keys, h.People, h.Matters, h.Approvals, h.Incidents)
	h.Door.Register(access.Carrier, h.Carriers.Load)
	h.Shelf = material.New(h.Door, h.Matters, keys, h.Blobs, h.Pages, h.Carriers)
	h.Shelf.ScanWith(s.Clamd)
	h.Viewing = viewing.New(h.Door, h.Shelf, h.Pages)
	h.Door.Register(access.Material, h.Shelf.Load)
	h.Media = media.New(keys, media.Parts{Door: h.Door, People: h.People, Shelf: h.Shelf, Carriers: h.Carriers, Approvals: h.Approvals, Scanner: s.Clamd})
	h.Door.Register(access.Medium, h.Media.LoadMedium)
	h.Door.Register(access.Export, h.Media.LoadExport)
	h.Meetings = meeting.New(keys, h.People, h.Carriers)
	h.Stock = stocktaking.New(keys, h.People, h.Matters, h.Carriers)
	h.Output = output.New(keys, output.Parts{DB: db, Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Carriers: h.Carriers, Devices: h.Devices, Approvals: h.Approvals, Pages: h.Pages,
		Scans: s.Scans, Patience: s.Printing})
	h.Hand = hand.New(db, h.Door, keys, h.People, h.Name, s.TSA)
	h.Criteria = &criteria.Room{}
	h.Pledges = pledge.New(db, h.Door, keys, h.People, h.Hand, h.Name)
	h.Retention = retention.New(keys, retention.Parts{DB: db, Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Carriers: h.Carriers, Hand: h.Hand, Ledger: h.Ledger, Approvals: h.Approvals})
	h.Door.Register(access.Destruction, h.Retention.Load)
	h.Leaving = leaving.New(keys, leaving.Parts{DB: db, Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Carriers: h.Carriers, Devices: h.Devices, Media: h.Media, Meetings: h.Meetings, Dangers: h.Dangers, Output: h.Output, Approvals: h.Approvals, Retention: h.Retention, Pledges: h.Pledges, Hand: h.Hand})
	h.Door.Register(access.Person, h.Leaving.Load)
	h.Rights = rights.New(keys, h.People, h.Matters, h.Leaving, h.TeamReviews)
	h.Measures = accountability.New(keys, h.People)
	if err := db.Update(ctx, h.Measures.Prepare); err != nil {
		return nil, err
	}
	h.Duty = continuing.New(keys, continuing.Parts{Door: h.Door, People: h.People, Pledges: h.Pledges, Hand: h.Hand})
	h.Directory = directory.New(keys, h.People, h.Rights)
	h.Notices = notice.New(keys, notice.Parts{DB: db, Door: h.Door, People: h.People, Approvals: h.Approvals, Training: h.Training, Pledges: h.Pledges, Teams: h.TeamReviews, Carriers: h.Carriers, Media: h.Media, Origin: s.browsed()})
	if !s.recovering {
		if err := h.Pledges.Prepare(ctx); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (s Settings) blobs(ctx context.Context) (blob.Store, error) {
	if s.Bucket != "" {
		return blob.OpenS3(ctx, s.Bucket)
	}
	return blob.OpenDir(filepath.Join(s.Data, objectsDir))
}

func (s Settings) renderers() (*render.Pool, error) {
	command := s.Worker
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
		command = []string{self, "render-worker"}
	}
	cache := s.Cache
	if cache == "" {
		cache = filepath.Join(s.Data, cacheDir)
	}
	return render.NewPool(render.Options{Command: command, Workers: s.Workers, CacheDir: cache})
}

// office reports whether an address is on the firm's own networks.
func (s Settings) office(addr string) bool {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return false
	}
	for _, p := range s.Office {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// Close lets everything go.
func (h *House) Close() error {
	var errs []error
	if h.Output != nil {
		h.Output.Close()
	}
	if h.Pages != nil {
		errs = append(errs, h.Pages.Close())
	}
	return errors.Join(append(errs, h.DB.Close())...)
}
