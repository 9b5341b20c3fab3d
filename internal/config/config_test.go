package config_test

import (
	"flag"
	"fmt"
	"io"
	"testing"

	"github.com/cleargrid/cleargrid/internal/config"
)

func TestTrustedProxies(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "[]",
		"10.0.0.0/8":                    "[10.0.0.0/8]",
		" 10.1.2.3/8 , fd00::/8,":       "[10.0.0.0/8 fd00::/8]",
		"192.0.2.7,2001:db8::1":         "[192.0.2.7/32 2001:db8::1/128]",
		"::ffff:192.0.2.7":              "[192.0.2.7/32]",
		"10.0.0.0/33":                   "",
		"proxy.example.org":             "",
		"10.0.0.0/8;192.168.0.0/16":     "",
		"10.0.0.1-10.0.0.9, 10.0.0.0/8": "",
	} {
		var c config.Config
		f := flag.NewFlagSet("serve", flag.ContinueOnError)
		c.Flags(f)
		if err := config.Parse(f, nil, func(name string) string { return map[string]string{"CLEARGRID_TRUSTED_PROXIES": text}[name] }, io.Discard); err != nil {
			t.Fatal(err)
		}
		err := c.Validate()
		if got, _ := c.Proxies(); (err == nil) != (want != "") || err == nil && fmt.Sprint(got) != want {
			t.Errorf("%q is %v (%v), want %s", text, got, err, want)
		}
	}
}
