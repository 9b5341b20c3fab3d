package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/credential"
	"github.com/cleargrid/cleargrid/internal/people"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/seed"
)

// seedData loads a file of a campaign, grading rules or holidays, or makes a demo
// county in an empty database.
func seedData(ctx context.Context, args []string) error {
	var file, grading, holidays, code string
	var o seed.CountyOptions
	var month bool
	c, err := settings("seed", args, func(f *flag.FlagSet) {
		f.StringVar(&file, "campaign", "", "campaign `file` to load for --region; default: make a demo county")
		f.StringVar(&grading, "grading", "", "`file` of grading rules to load; with --region unless they are NATIONAL")
		f.StringVar(&holidays, "holidays", "", "`file` of a year's holidays to load")
		f.StringVar(&code, "region", "", "division `code` of the region of the campaign or of the grading rules")
		f.IntVar(&o.Schools, "schools", 300, "schools of the demo county")
		f.IntVar(&o.Townships, "townships", 0, "townships of the demo county; default: one for about 17 schools")
		f.BoolVar(&month, "simulate", false, "play the demo county's hazard month, which ended yesterday, and compare every figure with what was planted")
		f.Uint64Var(&o.Seed, "seed", 1, "`number` that the demo county grows from; the same number gives the same county")
	})
	if err != nil {
		return err
	}
	if file != "" && code == "" || code != "" && file == "" && grading == "" {
		return errors.New("--campaign needs --region, and --region goes with --campaign or --grading")
	}
	if month && (file != "" || grading != "" || holidays != "") {
		return errors.New("--simulate makes a county of its own and goes with no file")
	}
	address := c.PublicURL
	if address == "" {
		address = "http://" + c.Listen
	}
	if month {
		return simulate(ctx, c, o, address)
	}
	p, err := openDatabase(ctx, c, logger(c))
	if err != nil {
		return err
	}
	defer p.close()
	if file != "" || grading != "" || holidays != "" {
		return p.loadFiles(authz.AsSystem(ctx), file, grading, holidays, code)
	}
	o.Now = clock.System{}.Now()
	o.Today = rule.DefaultPolicy().Today(o.Now)
	return p.demoCounty(ctx, o, address)
}

// loadFiles loads the files that are named, all or none. The campaign comes
// first: grading rules refer to its coded lists.
func (p *parts) loadFiles(ctx context.Context, campaign, grading, holidays, code string) error {
	return p.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		var r *ent.Region
		if code != "" {
			var err error
			if r, err = tx.Region.Query().Where(region.Code(code)).Only(ctx); err != nil {
				return fmt.Errorf("region %s: %w", code, err)
			}
		}
		err := loadFile(campaign, seed.ParseCampaign, func(f *seed.CampaignFile) error {
			loaded, err := seed.LoadCampaign(ctx, tx, f, r)
			if err == nil {
				fmt.Println(loaded.PublicID(), loaded.Title)
			}
			return err
		})
		if err != nil {
			return err
		}
		err = loadFile(grading, seed.ParseGrading, func(f *seed.GradingFile) error {
			loaded, err := seed.LoadGrading(ctx, tx, f, r)
			if err == nil {
				fmt.Println(loaded.PublicID(), loaded.Title)
			}
			return err
		})
		if err != nil {
			return err
		}
		return loadFile(holidays, seed.ParseHolidays, func(f *seed.HolidayFile) error {
			fmt.Println(f.Year, f.Source)
			return seed.LoadHolidays(ctx, tx, f)
		})
	})
}

// loadFile reads and loads one file; none when no name is given.
func loadFile[F any](name string, parse func(io.Reader) (*F, error), load func(*F) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return fmt.Errorf("file to load: %w", err)
	}
	defer func() { _ = f.Close() }()
	content, err := parse(f)
	if err != nil {
		return err
	}
	return load(content)
}

// firstRun makes the demo county when the database is empty.
func firstRun(ctx context.Context, p *parts, address string) error {
	made, err := p.store.Ent.Region.Query().Exist(authz.AsSystem(ctx))
	if err != nil || made {
		return err
	}
	p.log.Info().Msg("first start: making the demo county")
	// The migrations leave buffers of 4 MiB for each file in a pool, which a second
	// collection empties. The county would be made on top of them.
	runtime.GC()
	runtime.GC()
	now := clock.System{}.Now()
	return p.demoCounty(ctx, seed.CountyOptions{Schools: 300, Seed: 1, Now: now, Today: rule.DefaultPolicy().Today(now)}, address)
}

// account is one line of first-run.json.
type account struct {
	Account  string `json:"account"`
	Name     string `json:"name"`
	Role     string `json:"role"`
	Place    string `json:"place"`
	Password string `json:"password"`
}

// demoCounty makes the county and gives its demo accounts random passwords. The
// file with the passwords is on disk before the county is committed, so there is
// never a county that nobody can enter.
func (p *parts) demoCounty(ctx context.Context, o seed.CountyOptions, address string) error {
	var accounts []account
	var result *seed.CountyResult
	err := p.store.InTx(authz.AsSystem(ctx), func(ctx context.Context, tx *ent.Tx) (err error) {
		if result, err = seed.County(ctx, tx, o); err != nil {
			return err
		}
		accounts = nil
		for _, x := range result.Accounts {
			password := credential.NewPassword()
			if err := people.SetPassword(ctx, tx, x.UserID, credential.HashGenerated(password)); err != nil {
				return err
			}
			accounts = append(accounts, account{Account: x.Account, Name: x.Name, Role: x.Role, Place: x.Place, Password: password})
		}
		return p.writeAccounts(address, accounts)
	})
	if err != nil {
		return err
	}
	fmt.Printf("Demo county at %s: %d schools, %d grids, %d people. Accounts (also in %s):\n", address, result.Schools, result.Grids, result.Users, p.config.FirstRunFile())
	for _, x := range accounts {
		fmt.Printf("  %-12s %s  %-22s %s\n", x.Account, x.Password, x.Role, x.Name)
	}
	return nil
}

func (p *parts) writeAccounts(address string, accounts []account) error {
	b, err := json.MarshalIndent(map[string]any{"url": address, "accounts": accounts}, "", "  ")
	if err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	if err := os.MkdirAll(p.config.Data, 0o700); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	temporary := p.config.FirstRunFile() + ".new"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	if err := os.Rename(temporary, p.config.FirstRunFile()); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	return nil
}
