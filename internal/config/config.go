// Package config is what an operator may set, in one struct.
//
// It decides names, defaults and which values make sense together. Each flag is
// also an environment variable: --s3-endpoint is CLEARGRID_S3_ENDPOINT. A flag
// wins over the environment. It opens nothing and connects to nothing.
package config

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// Config is every setting of the program. The zero value of a field means the
// default that its flag describes.
type Config struct {
	Listen    string
	Data      string
	Database  string
	PublicURL string
	// TrustedProxies are the networks of the reverse proxies in front, see Proxies.
	TrustedProxies string

	S3Endpoint       string
	S3PublicEndpoint string
	S3Bucket         string
	S3AccessKey      string
	S3SecretKey      string
	S3Region         string

	FFmpeg     string
	LogFormat  string
	Production bool
	Role       string
}

// Flags declares the settings on a flag set.
func (c *Config) Flags(f *flag.FlagSet) {
	f.StringVar(&c.Listen, "listen", "127.0.0.1:8080", "`address` to listen on; give :8080 to let phones in")
	f.StringVar(&c.Data, "data", "./data", "`folder` of the embedded database and object store")
	f.StringVar(&c.Database, "database", "", "PostgreSQL `URL`, postgres://…; default: SQLite in the data folder")
	f.StringVar(&c.PublicURL, "public-url", "", "base `URL` under which clients reach this server; default: the address of each request")
	f.StringVar(&c.TrustedProxies, "trusted-proxies", "", "reverse proxies in front, as `CIDR,…`: their X-Forwarded-For and X-Forwarded-Proto count; default: no sender's do")
	f.StringVar(&c.S3Endpoint, "s3-endpoint", "", "`URL` of an S3 store; default: the embedded one in the data folder")
	f.StringVar(&c.S3PublicEndpoint, "s3-public-endpoint", "", "`URL` of the S3 store as clients reach it; default: the endpoint")
	f.StringVar(&c.S3Bucket, "s3-bucket", "evidence", "bucket `name`")
	f.StringVar(&c.S3AccessKey, "s3-access-key", "", "access `key` of the S3 store")
	f.StringVar(&c.S3SecretKey, "s3-secret-key", "", "secret `key` of the S3 store")
	f.StringVar(&c.S3Region, "s3-region", "us-east-1", "`region` of the S3 store")
	f.StringVar(&c.FFmpeg, "ffmpeg", "", "`path` of ffmpeg, for posters and playable renditions of videos; default: what the PATH has; none to do without")
	f.StringVar(&c.LogFormat, "log-format", "console", "`json` or console")
	f.BoolVar(&c.Production, "production", false, "introspection and suggestions for administrators only; no demo county")
	f.StringVar(&c.Role, "role", "all", "what this process does: `all`, api (requests only) or work (background jobs only)")
}

// Parse reads the environment and then the arguments into the flag set. The
// error says what is wrong in a sentence.
func Parse(f *flag.FlagSet, args []string, getenv func(string) string, usage io.Writer) error {
	f.SetOutput(usage)
	var faults []error
	f.VisitAll(func(x *flag.Flag) {
		name := EnvironmentName(x.Name)
		if v := getenv(name); v != "" {
			if err := x.Value.Set(v); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", name, err))
			}
		}
	})
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return nil
}

// EnvironmentName is the variable of a flag.
func EnvironmentName(name string) string {
	return "CLEARGRID_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// Validate collects every fault.
func (c *Config) Validate() error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		bad("--listen %q is no address: %w", c.Listen, err)
	}
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		bad("--database must begin with postgres://")
	}
	for name, v := range map[string]string{"--public-url": c.PublicURL, "--s3-endpoint": c.S3Endpoint, "--s3-public-endpoint": c.S3PublicEndpoint} {
		if u, err := url.Parse(v); v != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
			bad("%s %q is no base URL such as https://example.org", name, v)
		}
	}
	if _, err := c.Proxies(); err != nil {
		bad("--trusted-proxies: %w", err)
	}
	if c.S3Endpoint != "" && (c.S3AccessKey == "" || c.S3SecretKey == "") {
		bad("--s3-endpoint needs --s3-access-key and --s3-secret-key")
	}
	if len(c.S3Bucket) < 3 || len(c.S3Bucket) > 63 || strings.Trim(c.S3Bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		bad("--s3-bucket %q: 3 to 63 of a-z, 0-9 and -", c.S3Bucket)
	}
	for _, reserved := range []string{"graphql", "healthz", "readyz", "playground", "uploads", "capture", "verify", "notices", "pages", "metrics"} {
		if c.S3Endpoint == "" && c.S3Bucket == reserved {
			bad("--s3-bucket %q is a path of this server", c.S3Bucket)
		}
	}
	if c.LogFormat != "json" && c.LogFormat != "console" {
		bad("--log-format is json or console")
	}
	if c.Role != "all" && c.Role != "api" && c.Role != "work" {
		bad("--role is all, api or work")
	}
	if c.Role != "all" && (c.Database == "" || c.S3Endpoint == "") {
		bad("--role %s needs --database and --s3-endpoint: the embedded storage belongs to one process", c.Role)
	}
	return errors.Join(faults...)
}

// Proxies are the networks whose headers about a request's sender count. A single
// address stands for itself.
func (c *Config) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(c.TrustedProxies, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if a, err := netip.ParseAddr(part); err == nil {
			out = append(out, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is no network such as 10.0.0.0/8", part)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Embedded reports whether the object store is the embedded one.
func (c *Config) Embedded() bool { return c.S3Endpoint == "" }

// ObjectOrigin is the origin (scheme://host) of the object store as browsers reach
// it; empty when it is the embedded one, behind this server's own address.
func (c *Config) ObjectOrigin() string {
	u, err := url.Parse(cmp.Or(c.S3PublicEndpoint, c.S3Endpoint))
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// SQLiteFile is where the embedded database lives.
func (c *Config) SQLiteFile() string { return filepath.Join(c.Data, "cleargrid.db") }

// ObjectFolder is where the embedded object store lives.
func (c *Config) ObjectFolder() string { return filepath.Join(c.Data, "objects") }

// WorkFolder is where files are while they are examined.
func (c *Config) WorkFolder() string { return filepath.Join(c.Data, "work") }

// FirstRunFile is where the first start writes URL and demo accounts.
func (c *Config) FirstRunFile() string { return filepath.Join(c.Data, "first-run.json") }
