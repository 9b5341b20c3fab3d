//go:build generate

// Command new writes the migration from the files in postgres/ and sqlite/ to
// the schema of today: go run ent/migrations/new.go NAME. It replays the files
// on an empty database of each kind; for PostgreSQL it takes the server that
// testkit finds.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"strings"
	"text/template"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/lib/pq"
	"modernc.org/sqlite"

	"github.com/cleargrid/cleargrid/ent/migrate"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func main() {
	if len(os.Args) != 2 || strings.ContainsAny(os.Args[1], "/. ") {
		log.Fatal("usage: go run ent/migrations/new.go NAME")
	}
	sql.Register("sqlite3", &sqlite.Driver{}) // Atlas asks for this name
	url, ok, err := testkit.PostgresURL()
	if err != nil || !ok {
		log.Fatalf("a PostgreSQL is needed: %v", err)
	}
	defer testkit.StopPostgres()
	scratch := fresh(url)
	write(dialect.Postgres, "ent/migrations/postgres", scratch)
	write(dialect.SQLite, "ent/migrations/sqlite", "file:new?mode=memory&_pragma=foreign_keys(1)")
}

// forward is goose's form without a way back: ent's way back loses data on
// SQLite, and a backup is the way back that works.
var forward = func() atlas.Formatter {
	name := template.Must(template.New("name").Funcs(template.FuncMap{"now": func() string { return time.Now().UTC().Format("20060102150405") }}).Parse("{{ now }}{{ with .Name }}_{{ . }}{{ end }}.sql"))
	body := template.Must(template.New("body").Parse("-- +goose Up\n{{ range .Changes }}{{ with .Comment }}-- {{ println . }}{{ end }}{{ printf \"%s;\\n\" .Cmd }}{{ end }}"))
	f, err := atlas.NewTemplateFormatter(name, body)
	if err != nil {
		log.Fatal(err)
	}
	return f
}()

func fresh(url string) string {
	db, err := sql.Open("postgres", url)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DROP DATABASE IF EXISTS cleargrid_new_migration"); err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec("CREATE DATABASE cleargrid_new_migration"); err != nil {
		log.Fatal(err)
	}
	return testkit.WithDatabase(url, "cleargrid_new_migration")
}

func write(kind, folder, url string) {
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		log.Fatal(err)
	}
	driver := map[string]string{dialect.Postgres: "postgres", dialect.SQLite: "sqlite3"}[kind]
	drv, err := entsql.Open(driver, url)
	if err != nil {
		log.Fatal(err)
	}
	defer drv.Close()
	m, err := schema.NewMigrate(drv, schema.WithDir(dir), schema.WithMigrationMode(schema.ModeReplay),
		schema.WithDialect(kind), schema.WithFormatter(forward), schema.WithDropColumn(true), schema.WithDropIndex(true))
	if err != nil {
		log.Fatal(err)
	}
	if err := m.NamedDiff(context.Background(), os.Args[1], migrate.Tables...); err != nil {
		log.Fatal(err)
	}
	fmt.Println(kind, "done")
}
